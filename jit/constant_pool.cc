#include "jit/constant_pool.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <string_view>
#include <utility>

namespace bpfc::jit {

Xbyak::Label& ConstantPool::add(std::vector<std::uint8_t> bytes, std::size_t alignment) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::size_t hash = std::hash<std::string_view>{}(text);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto known = first; known != last; ++known) {
    Entry& entry = *known->second;
    if (entry.bytes != bytes) continue;
    entry.alignment = std::max(entry.alignment, alignment);
    return entry.label;
  }
  Entry& entry = entries_.emplace_back(Entry{std::move(bytes), alignment, {}});
  by_hash_.emplace(hash, &entry);
  return entry.label;
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
