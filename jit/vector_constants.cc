#include "jit/vector_constants.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "jit/vector_program.h"
#include "jit/vector_tile.h"

namespace bpfc::jit {
namespace {

template <typename Number>
std::vector<std::uint8_t> bytes_of(Number number) {
  std::vector<std::uint8_t> bytes(sizeof(Number));
  std::memcpy(bytes.data(), &number, sizeof(Number));
  return bytes;
}

}  // namespace

VectorConstants::VectorConstants(Assembler& code) : code_(code) {}

Xbyak::Label& VectorConstants::find(std::vector<std::uint8_t> bytes) {
  constexpr std::size_t kLine = 64;
  Xbyak::Label*& label = labels_[bytes];
  if (label == nullptr) {
    const std::size_t alignment = std::min(std::bit_floor(bytes.size()), kLine);
    label = &pool_.add(std::move(bytes), alignment);
  }
  return *label;
}

Xbyak::Address VectorConstants::broadcast(std::uint32_t constant) {
  return code_.ptr_b[code_.rip + find(bytes_of(constant))];
}

Xbyak::Address VectorConstants::broadcast_address(std::uint64_t constant) {
  return code_.ptr_b[code_.rip + find(bytes_of(constant))];
}

Xbyak::Address VectorConstants::word(std::uint32_t constant) {
  return code_.ptr[code_.rip + find(bytes_of(constant))];
}

Xbyak::Address VectorConstants::bytes(std::vector<std::uint8_t> constant) {
  return code_.ptr[code_.rip + find(std::move(constant))];
}

Xbyak::Address VectorConstants::words(const std::vector<std::uint32_t>& constant) {
  std::vector<std::uint8_t> of(constant.size() * sizeof(std::uint32_t));
  std::memcpy(of.data(), constant.data(), of.size());
  return bytes(std::move(of));
}

Xbyak::Address VectorConstants::zeros() {
  return bytes(std::vector<std::uint8_t>(kUncheckedEnd + kTileBytes));
}

void VectorConstants::emit() { pool_.emit(code_); }

}  // namespace bpfc::jit
