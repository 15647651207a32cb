#include "trace/filter.h"

#include <asm/unistd_64.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace mayfly::trace {
namespace {

using abi::TraceFamily;

TEST(FilterTest, AllAndNothing) {
  EXPECT_TRUE(Filter().shows(__NR_read, TraceFamily::descriptors));
  EXPECT_TRUE(Filter::parse("all").shows(999, TraceFamily::none));
  EXPECT_FALSE(Filter::parse("!all").shows(__NR_read, TraceFamily::descriptors));
}

TEST(FilterTest, FamiliesAndCalls) {
  Filter filter = Filter::parse("memory,futex,%network");
  EXPECT_TRUE(filter.shows(__NR_mmap, TraceFamily::memory));
  EXPECT_TRUE(filter.shows(__NR_futex, TraceFamily::threads));
  EXPECT_FALSE(filter.shows(__NR_clone, TraceFamily::threads));
  EXPECT_TRUE(filter.shows(__NR_sendto, TraceFamily::sockets));
  EXPECT_FALSE(filter.shows(999, TraceFamily::none));
}

TEST(FilterTest, AllBut) {
  Filter filter = Filter::parse("!time,read");
  EXPECT_FALSE(filter.shows(__NR_nanosleep, TraceFamily::time));
  EXPECT_FALSE(filter.shows(__NR_read, TraceFamily::descriptors));
  EXPECT_TRUE(filter.shows(__NR_write, TraceFamily::descriptors));
  EXPECT_TRUE(filter.shows(999, TraceFamily::none));
}

TEST(FilterTest, WhatAGuestSaysOfItsFamiliesIsNotTrusted) {
  EXPECT_FALSE(Filter::parse("memory").shows(~u64{0}, static_cast<TraceFamily>(255)));
}

TEST(FilterTest, UnknownNamesAreRefused) {
  for (const char* wrong : {"", "memory,", "nosuchcall", "%read", "!", ",read"}) {
    EXPECT_THROW((void)Filter::parse(wrong), Error) << wrong;
  }
  EXPECT_EQ(family_list(), "descriptors, files, memory, process, signals, sockets, threads, time");
}

}  // namespace
}  // namespace mayfly::trace
