#include "jit/constant_pool.h"

#include <cstring>
#include <utility>

namespace bpfc::jit {

Xbyak::Label& ConstantPool::add(std::vector<std::uint8_t> bytes, std::size_t alignment) {
  return entries_.emplace_back(Entry{std::move(bytes), alignment, {}}).label;
}

Xbyak::Label& ConstantPool::add(std::span<const std::uint32_t> words, std::size_t alignment) {
  std::vector<std::uint8_t> bytes(words.size_bytes());
  std::memcpy(bytes.data(), words.data(), bytes.size());
  return add(std::move(bytes), alignment);
}

void ConstantPool::emit(Assembler& out) {
  for (Entry& entry : entries_) {
    // What lies between is never executed.
    while (out.getSize() % entry.alignment != 0) out.int3();
    out.L(entry.label);
    out.db(entry.bytes.data(), entry.bytes.size());
  }
}

}  // namespace bpfc::jit
