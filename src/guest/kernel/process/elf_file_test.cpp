// What is refused as an executable, and why.
#include "guest/kernel/process/elf_file.h"

#include <functional>
#include <string>
#include <vector>

#include "guest/kernel/native/kernel_fixture.h"

namespace mayfly::kernel {
namespace {

constexpr u64 kFileBytes = 8192;

class MemoryFile final : public File {
 public:
  MemoryFile(Kernel& kernel, std::vector<u8> bytes) : File(kernel, O_RDONLY), bytes_(std::move(bytes)) {}
  void destroy() override { delete this; }
  long pread(Thread&, UserIo& io, u64 offset) override {
    return offset >= bytes_.size() ? 0 : io.copy_out(bytes_.data() + offset, bytes_.size() - offset);
  }
  long map(u64, u64, u32, u64) override { return 0; }
  long stat(struct stat& result) override {
    result = {};
    result.st_size = static_cast<long>(bytes_.size());
    return 0;
  }

 private:
  std::vector<u8> bytes_;
};

struct Image {
  Elf64_Ehdr header{};
  Elf64_Phdr segments[3]{};
  u64 file_bytes = kFileBytes;
};

Image valid_image() {
  Image image;
  Elf64_Ehdr& header = image.header;
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_type = ET_DYN;
  header.e_machine = EM_X86_64;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = 3;
  header.e_entry = 0x100;
  image.segments[0] = {PT_LOAD, PF_R | PF_X, 0, 0, 0, 4096, 4096, 4096};
  image.segments[1] = {PT_LOAD, PF_R | PF_W, 4096, 0x2000, 0x2000, 4096, 10'000, 4096};
  image.segments[2] = {PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16};
  return image;
}

class ElfFileTest : public KernelTest {
 protected:
  Ref<File> file_of(const Image& image) {
    std::vector<u8> bytes(kFileBytes);
    std::memcpy(bytes.data(), &image.header, sizeof image.header);
    if (image.header.e_phoff < bytes.size() - sizeof image.segments) {
      std::memcpy(bytes.data() + image.header.e_phoff, image.segments, sizeof image.segments);
    }
    std::memcpy(bytes.data() + 1024, "/lib/ld.so", 11);
    bytes.resize(image.file_bytes);
    return Ref<File>(new MemoryFile(kernel, std::move(bytes)));
  }
  /// What open() says of a valid image with one change.
  std::string verdict(const std::function<void(Image&)>& change) {
    Image image = valid_image();
    change(image);
    ElfFile elf(thread, file_of(image));
    ElfError error = elf.open();
    return error == nullptr ? "" : error;
  }
};

TEST_F(ElfFileTest, AcceptsAValidFile) {
  EXPECT_EQ(verdict([](Image&) {}), "");
}

TEST_F(ElfFileTest, RefusesMalformedFilesWithAReason) {
  struct Case {
    const char* reason;
    std::function<void(Image&)> change;
  };
  const Case cases[] = {
      {"too short", [](Image& i) { i.file_bytes = 20; }},
      {"too short", [](Image& i) { i.file_bytes = 0; }},
      {"not an ELF file", [](Image& i) { i.header.e_ident[1] = 'X'; }},
      {"64-bit", [](Image& i) { i.header.e_ident[EI_CLASS] = ELFCLASS32; }},
      {"architecture", [](Image& i) { i.header.e_machine = EM_AARCH64; }},
      {"not an executable", [](Image& i) { i.header.e_type = ET_REL; }},
      {"size of program headers", [](Image& i) { i.header.e_phentsize = 8; }},
      {"number of program headers", [](Image& i) { i.header.e_phnum = 0; }},
      {"number of program headers", [](Image& i) { i.header.e_phnum = 1000; }},
      {"program headers lie behind", [](Image& i) { i.header.e_phoff = ~u64{0} - 8; }},
      {"program headers lie behind", [](Image& i) { i.file_bytes = 100; }},
      {"nothing to load", [](Image& i) { i.segments[0].p_type = i.segments[1].p_type = PT_NOTE; }},
      {"address space", [](Image& i) { i.segments[1].p_vaddr = u64{1} << 60; }},
      {"address space", [](Image& i) { i.segments[1].p_memsz = ~u64{0}; }},
      {"address space", [](Image& i) { i.segments[1].p_vaddr = ~u64{0} - 4095; }},
      {"larger in the file", [](Image& i) { i.segments[0].p_filesz = 5000; }},
      {"truncated", [](Image& i) { i.file_bytes = 4096 + 100; }},
      {"truncated", [](Image& i) { i.segments[1].p_offset = ~u64{0} - 4095; }},
      {"alignment", [](Image& i) { i.segments[1].p_align = 12345; }},
      {"alignment", [](Image& i) { i.segments[1].p_align = u64{1} << 63; }},
      {"do not agree", [](Image& i) { i.segments[1].p_vaddr += 8; }},
      {"lowest usable", [](Image& i) { i.header.e_type = ET_EXEC; }},
  };
  for (const Case& expected : cases) {
    EXPECT_NE(verdict(expected.change).find(expected.reason), std::string::npos)
        << "expected: " << expected.reason << ", got: " << verdict(expected.change);
  }
}

TEST_F(ElfFileTest, InterpreterAndStack) {
  Image image = valid_image();
  char path[64] = "untouched";
  {
    ElfFile elf(thread, file_of(image));
    ASSERT_EQ(elf.open(), nullptr);
    EXPECT_EQ(elf.read_interpreter(path, sizeof path), nullptr);
    EXPECT_STREQ(path, "");
    EXPECT_FALSE(elf.executable_stack());
  }
  image.segments[2] = {PT_INTERP, PF_R, 1024, 0, 0, 11, 11, 1};
  {
    ElfFile elf(thread, file_of(image));
    ASSERT_EQ(elf.open(), nullptr);
    EXPECT_EQ(elf.read_interpreter(path, sizeof path), nullptr);
    EXPECT_STREQ(path, "/lib/ld.so");
  }
  image.segments[2].p_filesz = 5;  // cuts the NUL off
  {
    ElfFile elf(thread, file_of(image));
    ASSERT_EQ(elf.open(), nullptr);
    EXPECT_NE(elf.read_interpreter(path, sizeof path), nullptr);
  }
  image.segments[2].p_filesz = 4000;
  {
    ElfFile elf(thread, file_of(image));
    ASSERT_EQ(elf.open(), nullptr);
    EXPECT_NE(elf.read_interpreter(path, sizeof path), nullptr);
  }
}

TEST_F(ElfFileTest, MapsSegmentsWithTheirBss) {
  Image image = valid_image();
  image.segments[1].p_flags = PF_R;  // nothing to zero: the fixture has no memory behind the addresses
  ElfFile elf(thread, file_of(image));
  ASSERT_EQ(elf.open(), nullptr);
  LoadedElf loaded;
  ASSERT_STREQ(elf.load(abi::kProgramBase, loaded), nullptr);
  EXPECT_EQ(loaded.bias, abi::kProgramBase);
  EXPECT_EQ(loaded.entry, abi::kProgramBase + 0x100);
  EXPECT_EQ(loaded.program_headers, abi::kProgramBase + sizeof(Elf64_Ehdr));
  EXPECT_EQ(loaded.end, abi::kProgramBase + 0x5000);
  const AddressSpace& memory = kernel.process.memory;
  const Area* text = memory.find(abi::kProgramBase);
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(text->begin, abi::kProgramBase);
  EXPECT_EQ(text->protection, abi::kProtRead | abi::kProtExec);
  EXPECT_TRUE(text->file);
  const Area* hole = memory.find(abi::kProgramBase + 0x1000);
  ASSERT_NE(hole, nullptr);
  EXPECT_EQ(hole->begin, abi::kProgramBase + 0x2000);
  EXPECT_EQ(hole->offset, 4096u);
  const Area* bss = memory.find(abi::kProgramBase + 0x3000);
  ASSERT_NE(bss, nullptr);
  EXPECT_FALSE(bss->file);
  EXPECT_EQ(bss->end, abi::kProgramBase + 0x5000);
  EXPECT_EQ(call(__NR_munmap, abi::kProgramBase, 0x5000), 0);
}

}  // namespace
}  // namespace mayfly::kernel
