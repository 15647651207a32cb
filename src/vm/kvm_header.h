// <linux/kvm.h> as C++ needs it: before Linux 6.5 its flexible arrays begin with an empty struct, which has size 1 in
// C++ and so shifts every array and changes ioctl numbers.
#pragma once

#include <linux/stddef.h>

#undef __DECLARE_FLEX_ARRAY
#define __DECLARE_FLEX_ARRAY(TYPE, NAME) TYPE NAME[0]

#include <linux/kvm.h>

static_assert(sizeof(kvm_cpuid2) == 8);
static_assert(sizeof(kvm_msrs) == 8);
