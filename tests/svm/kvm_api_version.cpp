// Proves that the machine under QEMU has a working /dev/kvm, and that it is not the host's: prints the API version and
// creates a virtual machine with a vCPU.
#include <fcntl.h>
#include <linux/kvm.h>
#include <sys/ioctl.h>

#include <cstdio>

#include "base/error.h"
#include "base/unique_fd.h"

int main() {
  try {
    const mayfly::UniqueFd kvm(mayfly::check(::open("/dev/kvm", O_RDWR | O_CLOEXEC), "open(/dev/kvm)"));
    const int version = mayfly::check(::ioctl(kvm.get(), KVM_GET_API_VERSION, 0), "ioctl(KVM_GET_API_VERSION)");
    const mayfly::UniqueFd vm(mayfly::check(::ioctl(kvm.get(), KVM_CREATE_VM, 0), "ioctl(KVM_CREATE_VM)"));
    const mayfly::UniqueFd vcpu(mayfly::check(::ioctl(vm.get(), KVM_CREATE_VCPU, 0), "ioctl(KVM_CREATE_VCPU)"));
    std::printf("KVM API version %d\n", version);
    return version == KVM_API_VERSION ? 0 : 1;
  } catch (const mayfly::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
