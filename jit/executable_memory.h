// Pages that hold machine code. They are filled while they may be written and not executed, and
// then made executable and read-only: never both at once. A page that may not be touched lies
// before them and one behind, so that what runs or reads past the code stops there.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bpfc/expected.h"

namespace bpfc::jit {

// Move-only. Moved-from, it is empty.
class ExecutableMemory {
 public:
  // A copy of `code`, which must be position independent, at a page's start; the rest of its last
  // page is breakpoints (int3). An error, one sentence: there is no memory, or the system forbids
  // such pages.
  static Expected<ExecutableMemory, std::string> holding(std::span<const std::uint8_t> code);

  ExecutableMemory() = default;
  ExecutableMemory(ExecutableMemory&& other) noexcept;
  ExecutableMemory& operator=(ExecutableMemory&& other) noexcept;
  ~ExecutableMemory();

  std::span<const std::uint8_t> code() const { return code_; }
  // The function that starts `offset` bytes into the code.
  template <typename Function>
  Function function(std::size_t offset = 0) const {
    return std::bit_cast<Function>(code_.data() + offset);
  }

 private:
  void unmap();

  void* mapping_ = nullptr;  // guard, pages, guard
  std::size_t mapped_ = 0;
  std::span<const std::uint8_t> code_;
};

}  // namespace bpfc::jit
