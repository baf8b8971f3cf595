// The constants of the code for a vector program, each once, behind it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "jit/assembler.h"
#include "jit/constant_pool.h"

namespace bpfc::jit {

class VectorConstants {
 public:
  // `code` must outlive it.
  explicit VectorConstants(Assembler& code);

  // In every lane; of pointers' lanes; in 4 bytes.
  Xbyak::Address broadcast(std::uint32_t constant);
  Xbyak::Address broadcast_address(std::uint64_t constant);
  Xbyak::Address word(std::uint32_t constant);
  // As many as a power of two says, and so aligned.
  Xbyak::Address bytes(std::vector<std::uint8_t> constant);
  Xbyak::Address words(const std::vector<std::uint32_t>& constant);
  // As many as are read of a packet at constant offsets, and a window more.
  Xbyak::Address zeros();

  // Behind all code.
  void emit();

 private:
  Xbyak::Label& find(std::vector<std::uint8_t> bytes);

  Assembler& code_;
  ConstantPool pool_;
  std::map<std::vector<std::uint8_t>, Xbyak::Label*> labels_;
};

}  // namespace bpfc::jit
