// Constants that machine code refers to, put behind it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "jit/assembler.h"

namespace bpfc::jit {

class ConstantPool {
 public:
  // The bytes, at an address that is a multiple of `alignment` (a power of two, at most 64). The
  // label is defined by emit(), and stands as long as the pool. The same bytes again are the same.
  Xbyak::Label& add(std::vector<std::uint8_t> bytes, std::size_t alignment);
  // The same of 32-bit numbers.
  Xbyak::Label& add(std::span<const std::uint32_t> words, std::size_t alignment);
  // To be called once, behind the last instruction.
  void emit(Assembler& out);

 private:
  struct Entry {
    std::vector<std::uint8_t> bytes;
    std::size_t alignment;
    Xbyak::Label label;
  };
  std::list<Entry> entries_;
  std::unordered_multimap<std::size_t, Entry*> by_hash_;
};

}  // namespace bpfc::jit
