#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

#include "bpfc/perf.h"

namespace bpfc {
namespace {

constexpr std::size_t kMarkSize = 1;  // a page, whatever its size

struct Header {
  std::uint32_t magic = 0x4a695444;  // "JiTD"
  std::uint32_t version = 1;
  std::uint32_t size = sizeof(Header);
  std::uint32_t machine = 62;  // EM_X86_64
  std::uint32_t padding = 0;
  std::uint32_t process = 0;
  std::uint64_t time = 0;
  std::uint64_t flags = 0;
};
static_assert(sizeof(Header) == 40);

// JIT_CODE_LOAD; the name, with a zero behind it, and the code follow.
struct CodeLoad {
  std::uint32_t kind = 0;
  std::uint32_t size = 0;  // of the whole record
  std::uint64_t time = 0;
  std::uint32_t process = 0;
  std::uint32_t thread = 0;
  std::uint64_t virtual_address = 0;
  std::uint64_t address = 0;
  std::uint64_t code_size = 0;
  std::uint64_t index = 0;
};
static_assert(sizeof(CodeLoad) == 56);

std::uint64_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  return static_cast<std::uint64_t>(time.tv_sec) * kNanoseconds +
         static_cast<std::uint64_t>(time.tv_nsec);
}

std::string failure(const std::string& path) {
  return fmt::format("{}: {}", path, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

bool write_all(int file, const void* bytes, std::size_t size) {
  return ::write(file, bytes, size) == static_cast<ssize_t>(size);
}

}  // namespace

Expected<PerfDump, std::string> PerfDump::in(const std::string& folder) {
  PerfDump dump;
  dump.path_ = fmt::format("{}/jit-{}.dump", folder, ::getpid());
  dump.file_ = ::open(dump.path_.c_str(),
                      O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (dump.file_ == -1) return tl::unexpected(failure(dump.path_));
  Header header;
  header.process = static_cast<std::uint32_t>(::getpid());
  header.time = now();
  if (!write_all(dump.file_, &header, sizeof header)) return tl::unexpected(failure(dump.path_));
  void* const mark = ::mmap(nullptr, kMarkSize, PROT_READ | PROT_EXEC, MAP_PRIVATE, dump.file_, 0);
  if (mark == MAP_FAILED) return tl::unexpected(failure(dump.path_));
  dump.mark_ = mark;
  return dump;
}

PerfDump::PerfDump(PerfDump&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      mark_(std::exchange(other.mark_, nullptr)),
      count_(other.count_) {}

PerfDump& PerfDump::operator=(PerfDump&& other) noexcept {
  if (this == &other) return *this;
  close();
  path_ = std::move(other.path_);
  file_ = std::exchange(other.file_, -1);
  mark_ = std::exchange(other.mark_, nullptr);
  count_ = other.count_;
  return *this;
}

PerfDump::~PerfDump() { close(); }

void PerfDump::close() {
  if (mark_ != nullptr) ::munmap(mark_, kMarkSize);
  if (file_ != -1) ::close(file_);
}

Expected<void, std::string> PerfDump::add(const Jit& jit, std::string_view name) {
  const std::string full_name = fmt::format("bpfc:{}", name);
  const std::span<const std::uint8_t> code = jit.code();
  CodeLoad load;
  load.size = static_cast<std::uint32_t>(sizeof load + full_name.size() + 1 + code.size());
  load.time = now();
  load.process = static_cast<std::uint32_t>(::getpid());
  load.thread = static_cast<std::uint32_t>(::gettid());
  load.virtual_address = reinterpret_cast<std::uintptr_t>(code.data());
  load.address = load.virtual_address;
  load.code_size = code.size();
  load.index = count_++;
  std::vector<std::uint8_t> record(load.size);
  std::memcpy(record.data(), &load, sizeof load);
  std::memcpy(record.data() + sizeof load, full_name.c_str(), full_name.size() + 1);
  std::memcpy(record.data() + sizeof load + full_name.size() + 1, code.data(), code.size());
  if (!write_all(file_, record.data(), record.size())) return tl::unexpected(failure(path_));
  return {};
}

}  // namespace bpfc
