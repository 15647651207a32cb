#include "machine/host_calls.h"

#include <errno.h>
#include <signal.h>

#include <algorithm>
#include <cstring>

#include "abi/layout.h"
#include "base/error.h"
#include "trace/missing_call.h"

namespace mayfly::machine {
namespace {

using abi::kPageSize;

bool inside(u64 address, u64 pages, u64 begin, u64 end) {
  return address >= begin && address < end && pages <= (end - address) / kPageSize;
}

bool in_program(u64 address, u64 pages) {
  return address % kPageSize == 0 && pages != 0 && inside(address, pages, abi::kUserStart, abi::kUserEnd);
}

bool in_kernel_heap(u64 address, u64 pages) {
  return address % kPageSize == 0 && pages != 0 &&
         inside(address, pages, abi::kKernelHeapBase, abi::kKernelHeapBase + abi::kKernelHeapSize);
}

/// Ranges that the guest may have mapped, changed or dropped: the program's memory and the guest kernel's heap.
bool allowed_range(u64 address, u64 pages) {
  return in_program(address, pages) || in_kernel_heap(address, pages);
}

bool overlap(u64 first, u64 second, u64 pages) {
  u64 distance = first < second ? second - first : first - second;
  return distance / kPageSize < pages;
}

std::span<std::byte> io_bytes(abi::SharedArea& area) {
  return std::as_writable_bytes(std::span(area.io));
}

}  // namespace

std::optional<Ending> HostCalls::answer() {
  ++calls_;
  abi::CallPage page;
  std::memcpy(&page, &area_.call, sizeof page);
  auto call = static_cast<abi::Call>(page.number);
  long result = -ENOSYS;
  switch (call) {
    case abi::Call::console_write:
      ++syscalls_;
      result = console_write(page.args[0], page.args[1]);
      break;
    case abi::Call::console_read:
      ++syscalls_;
      result = console_read(page.args[0]);
      break;
    case abi::Call::report:
      result = report(page.args[0], page.args[1], page.args[2], page.args[3]);
      break;
    case abi::Call::entropy:
      result = fill_entropy(page.args[0]);
      break;
    case abi::Call::exit:
      return Ending{Ending::Kind::exited,
                    static_cast<int>(page.args[0] & 0xff),
                    fmt::format("the program exited with status {}", page.args[0] & 0xff),
                    {}};
    case abi::Call::crash:
      return crash();
    case abi::Call::map:
    case abi::Call::protect:
    case abi::Call::unmap:
    case abi::Call::zero:
    case abi::Call::map_file:
    case abi::Call::alias:
    case abi::Call::move:
    case abi::Call::resident:
      try {
        result = memory_call(call, page.args);
      } catch (const vm::PageTablesFull& full) {
        return Ending{Ending::Kind::out_of_memory, 0, full.what(), {}};
      }
      break;
    case abi::Call::write_text:
      result = write_text(page.args[0], page.args[1]);
      break;
    case abi::Call::trace:
      result = trace_call(page.args[0]);
      break;
    default: {
      ++syscalls_;
      result = files_.call(call, page.args, io_bytes(area_)).value_or(-ENOSYS);
      memory_.host_wrote(io_bytes(area_).data(), kPageSize + static_cast<u64>(std::max(result, 0L)));
      break;
    }
  }
  area_.call.result = result;
  memory_.host_wrote(reinterpret_cast<const std::byte*>(&area_.call), sizeof area_.call);
  return std::nullopt;
}

long HostCalls::memory_call(abi::Call call, const Arguments& arguments) {
  vm::Gva first(arguments[0]);
  u64 pages = arguments[1];
  if (!allowed_range(arguments[0], pages)) return -EINVAL;
  u32 protection = static_cast<u32>(arguments[2]);
  constexpr u32 kAll = abi::kProtRead | abi::kProtWrite | abi::kProtExec;
  if (call == abi::Call::map_file) return map_file(first, pages, protection, arguments[3], arguments[4]);
  bool has_protection = call != abi::Call::unmap && call != abi::Call::zero && call != abi::Call::resident;
  if (has_protection && (protection & ~kAll) != 0) return -EINVAL;
  switch (call) {
    case abi::Call::map:
      return map_.map(first, pages, protection);
    case abi::Call::protect:
      map_.protect(first, pages, protection);
      return 0;
    case abi::Call::unmap:
      map_.unmap(first, pages);
      return 0;
    case abi::Call::alias:
      if (!in_program(arguments[0], pages) || !in_kernel_heap(arguments[3], pages)) return -EINVAL;
      return map_.alias(first, pages, protection, vm::Gva(arguments[3]));
    case abi::Call::move:
      if (!in_program(arguments[0], pages) || !in_program(arguments[3], pages)) return -EINVAL;
      if (overlap(arguments[0], arguments[3], pages)) return -EINVAL;
      return map_.move(first, pages, protection, vm::Gva(arguments[3]));
    case abi::Call::resident:
      return resident(first, pages);
    default:
      map_.zero(first, pages);
      return 0;
  }
}

long HostCalls::resident(vm::Gva first, u64 pages) {
  u64 told = std::min<u64>(pages, abi::kIoBytes * 8);
  u64 size_bytes = (told + 7) / 8;
  std::memset(area_.io, 0, size_bytes);
  long count = 0;
  map_.for_each_resident(first, pages, [&](vm::Gva gva) {
    u64 page = (gva - first) / kPageSize;
    if (page < told) area_.io[page / 8] |= static_cast<u8>(1u << page % 8);
    ++count;
  });
  memory_.host_wrote(io_bytes(area_).data(), size_bytes);
  return count;
}

/// Fills runs of pages that are neighbours in host memory by one read each.
long HostCalls::map_file(vm::Gva first, u64 pages, u32 protection, u64 handle, u64 offset) {
  bool missing_only = (protection & abi::kMapMissingOnly) != 0;
  protection &= abi::kProtRead | abi::kProtWrite | abi::kProtExec;
  std::vector<bool> keep(std::min<u64>(pages, u64{1} << 24));
  if (pages > keep.size()) return -ENOMEM;
  if (missing_only) {
    map_.for_each_with_contents(first, pages, [&](vm::Gva gva) { keep[(gva - first) / kPageSize] = true; });
  }
  if (long error = map_.map(first, pages, protection); error != 0) return error;
  long result = 0;
  std::span<std::byte> run;
  u64 run_offset = 0;
  auto read_run = [&] {
    if (run.empty() || result < 0) return;
    ++syscalls_;
    long got = files_.read(handle, run, run_offset);
    result = std::min(got, 0L);
    auto filled = static_cast<std::size_t>(std::max(got, 0L));
    std::memset(run.data() + filled, 0, run.size() - filled);
    memory_.host_wrote(run.data(), run.size());
  };
  map_.for_each_page(first, pages, [&](vm::Gva gva, std::byte* memory) {
    if (keep[(gva - first) / kPageSize]) return;
    u64 page_offset = offset + (gva - first);
    if (!run.empty() && run.data() + run.size() == memory && run_offset + run.size() == page_offset) {
      run = {run.data(), run.size() + kPageSize};
      return;
    }
    read_run();
    run = {memory, kPageSize};
    run_offset = page_offset;
  });
  read_run();
  return result;
}

/// The guest kernel may change the program's code, which the program may not write.
long HostCalls::write_text(u64 address, u64 size_bytes) {
  constexpr u64 kMaxBytes = 64;
  u64 first = abi::page_floor(address);
  if (size_bytes == 0 || size_bytes > kMaxBytes) return -EINVAL;
  u64 pages = (abi::page_ceil(address + size_bytes) - first) / kPageSize;
  if (!allowed_range(first, pages)) return -EINVAL;
  for (u64 page = 0; page < pages; ++page) {
    if (map_.host_page(vm::Gva(first + page * kPageSize)) == nullptr) return -EFAULT;
  }
  for (u64 done = 0; done < size_bytes; ++done) {
    u64 at = address + done;
    std::byte* byte = map_.host_page(vm::Gva(abi::page_floor(at))) + at % kPageSize;
    *byte = io_bytes(area_)[done];
    memory_.host_wrote(byte, 1);
  }
  return 0;
}

long HostCalls::console_write(u64 stream, u64 size_bytes) {
  if ((stream != 1 && stream != 2) || size_bytes > abi::kIoBytes) return -EINVAL;
  listener_.console(request_id_, static_cast<unsigned>(stream),
                    {reinterpret_cast<const char*>(area_.io), static_cast<std::size_t>(size_bytes)});
  return static_cast<long>(size_bytes);
}

long HostCalls::console_read(u64 size_bytes) {
  std::size_t size = std::min<u64>(size_bytes, abi::kIoBytes);
  long got = listener_.read_input(io_bytes(area_).first(size));
  if (got > 0) memory_.host_wrote(io_bytes(area_).data(), static_cast<u64>(got));
  return got;
}

long HostCalls::report(u64 kind, u64 size_bytes, u64 number, u64 places) {
  Report report;
  report.kind = static_cast<abi::ReportKind>(kind);
  report.text.assign(reinterpret_cast<const char*>(area_.io), std::min(size_bytes, abi::kReportTextBytes));
  if (report.kind == abi::ReportKind::unknown_syscall) report.text = trace::describe_missing_call(number);
  for (u64 i = 0; i < std::min(places, abi::kReportPlaces); ++i) {
    abi::CodePlace place;
    std::memcpy(&place, area_.io + abi::kReportTextBytes + i * sizeof place, sizeof place);
    std::size_t path_size = std::min<std::size_t>(place.path_size, sizeof place.path);
    report.places.push_back({std::string(place.path, path_size), place.offset, place.called_offset});
  }
  listener_.report(request_id_, report);
  return 0;
}

long HostCalls::fill_entropy(u64 size_bytes) {
  std::size_t size = std::min<u64>(size_bytes, abi::kIoBytes);
  entropy_.fill(io_bytes(area_).first(size));
  memory_.host_wrote(io_bytes(area_).data(), size);
  return static_cast<long>(size);
}

long HostCalls::trace_call(u64 round) {
  long wanted = tracer_.answer(request_id_, round, map_, io_bytes(area_));
  if (wanted > 0) memory_.host_wrote(io_bytes(area_).data(), static_cast<u64>(wanted) * sizeof(u64));
  return wanted;
}

Ending HostCalls::crash() {
  abi::CrashReport crash;
  std::memcpy(&crash, area_.io, sizeof crash);
  std::string message(crash.message, std::min<std::size_t>(crash.message_size, sizeof crash.message));
  Ending ending;
  ending.crash = crash;
  ending.kind = Ending::Kind::crashed;
  switch (crash.kind) {
    case abi::CrashKind::signal: {
      const char* name = crash.signal < 32 ? ::sigabbrev_np(static_cast<int>(crash.signal)) : nullptr;
      ending.status = 128 + static_cast<int>(crash.signal & 0x7f);
      ending.description =
          fmt::format("the program was ended by signal {} (SIG{}), rip {:#x}, address {:#x}", crash.signal,
                      name == nullptr ? "?" : name, crash.registers.rip, crash.fault_address);
      break;
    }
    case abi::CrashKind::out_of_memory:
      ending.kind = Ending::Kind::out_of_memory;
      ending.description = fmt::format(
          "the memory limit is reached ({}): raise --memory (before the snapshot) or "
          "--request-memory (within a request)",
          message);
      break;
    default:
      ending.description = fmt::format("the guest kernel stopped: {} (vector {}, rip {:#x}, address {:#x})", message,
                                       crash.trap_vector, crash.registers.rip, crash.fault_address);
  }
  return ending;
}

}  // namespace mayfly::machine
