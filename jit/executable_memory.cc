#include "jit/executable_memory.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace bpfc::jit {
namespace {

constexpr std::uint8_t kBreakpoint = 0xcc;  // int3

std::string failure(const char* what) {
  return fmt::format("{}: {}", what, std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

}  // namespace

Expected<ExecutableMemory, std::string> ExecutableMemory::holding(
    std::span<const std::uint8_t> code) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = (code.size() + page - 1) / page * page;

  ExecutableMemory memory;
  const std::size_t mapped = size + 2 * page;
  void* mapping = ::mmap(nullptr, mapped, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return Unexpected<std::string>(failure("cannot map pages for machine code"));
  memory.mapping_ = mapping;
  memory.mapped_ = mapped;

  std::uint8_t* pages = static_cast<std::uint8_t*>(mapping) + page;
  if (size != 0) {
    if (::mprotect(pages, size, PROT_READ | PROT_WRITE) != 0) {
      return Unexpected<std::string>(failure("cannot write pages for machine code"));
    }
    std::memcpy(pages, code.data(), code.size());
    std::memset(pages + code.size(), kBreakpoint, size - code.size());
    if (::mprotect(pages, size, PROT_READ | PROT_EXEC) != 0) {
      return Unexpected<std::string>(failure("cannot make pages executable"));
    }
  }
  memory.code_ = {pages, code.size()};
  return memory;
}

ExecutableMemory::ExecutableMemory(ExecutableMemory&& other) noexcept
    : mapping_(std::exchange(other.mapping_, nullptr)),
      mapped_(std::exchange(other.mapped_, 0)),
      code_(std::exchange(other.code_, {})) {}

ExecutableMemory& ExecutableMemory::operator=(ExecutableMemory&& other) noexcept {
  if (this != &other) {
    unmap();
    mapping_ = std::exchange(other.mapping_, nullptr);
    mapped_ = std::exchange(other.mapped_, 0);
    code_ = std::exchange(other.code_, {});
  }
  return *this;
}

ExecutableMemory::~ExecutableMemory() { unmap(); }

void ExecutableMemory::unmap() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
}

}  // namespace bpfc::jit
