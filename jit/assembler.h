// Xbyak as this library uses it: code is assembled into plain memory of the heap, which is never
// executable, and grows as it must. ExecutableMemory takes it from there.
#pragma once

#include <xbyak/xbyak.h>

#include <cstdint>
#include <span>

namespace bpfc::jit {

namespace detail {

class HeapAllocator : public Xbyak::Allocator {
 public:
  bool useProtect() const override { return false; }
};

// A base of its own, so that it stands before the generator asks for memory.
struct HeapAllocatorHolder {
  HeapAllocator allocator;
};

}  // namespace detail

// Errors of Xbyak are exceptions (Xbyak::Error): whoever assembles catches them before they cross
// the public interface.
class Assembler : private detail::HeapAllocatorHolder, public Xbyak::CodeGenerator {
 public:
  Assembler() : Xbyak::CodeGenerator(kFirstSize, Xbyak::AutoGrow, &allocator) {
    setDefaultJmpNEAR(true);
  }

  // The code, once: jumps and references are filled in. Position independent, if addresses of
  // labels were only taken relative to rip.
  std::span<const std::uint8_t> finish() {
    ready(PROTECT_RW);
    return {getCode(), getSize()};
  }

 private:
  static constexpr std::size_t kFirstSize = std::size_t{16} << 10U;
};

}  // namespace bpfc::jit
