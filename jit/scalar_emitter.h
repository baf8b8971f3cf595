// What scalar_code.h emits, in the making: its registers, its frame and where it is. For
// scalar_*.cc.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "jit/scalar_code.h"
#include "vm/opcode.h"

namespace bpfc::jit {

using Xbyak::Label;
using Xbyak::Reg32;
using Xbyak::Reg64;

// What the program needs beside A, X and the bytes.
struct ScalarNeeds {
  bool context = false;
  bool wire_length = false;
  bool requests = false;  // loads that the library makes
  bool bound = false;     // the captured length cut to what the rules take for positions
  RegisterSet cells = 0;
};

// Whether machine code makes this load, given that its bytes are there: displacements are 31 bits.
constexpr bool is_direct(const DecodedInstruction& load) {
  constexpr std::uint64_t kFarthestEnd = 0x7fffffff;
  return std::uint64_t{load.k} + load_size(load.operation) <= kFarthestEnd;
}

class ScalarEmitter {
 public:
  ScalarEmitter(Assembler& out, ConstantPool& pool, const VerifiedProgram& program,
                const Flow& flow, const NeededLengths& lengths, const ScalarEntries& entries,
                std::vector<CodeLocation>* locations)
      : out_(out),
        pool_(pool),
        program_(program),
        code_(program.decoded()),
        flow_(flow),
        lengths_(lengths),
        entries_(entries),
        locations_(locations),
        rules_(program.rules()),
        needs_(find_needs()),
        labels_(flow.blocks().size()),
        partition_effort_(4 * code_.size()) {}

  void run();

 private:
  // Where a cell is.
  struct CellPlace {
    int in_register = -1;  // index of the register
    int on_stack = 0;      // offset from rsp, negative where nothing is called
  };
  // A load that does not fit, put behind the rest.
  struct Detour {
    Label from;
    Label back;
    std::uint32_t instruction;
    bool into_x;
  };

  ScalarNeeds find_needs() const;
  void assign_places();
  void enter();
  void clear_registers();
  void leave();
  void continuations();
  void materialize(const FieldValue& value, const Reg32& into);
  void block(std::uint32_t index);

  // scalar_instruction.cc
  void instruction(std::uint32_t index);
  void packet_load(std::uint32_t index);
  void load_from(const DecodedInstruction& load, const Xbyak::Address& address);
  void arithmetic(const DecodedInstruction& now, const ArithmeticParts& parts);
  void divide(const DecodedInstruction& now, const ArithmeticParts& parts);
  void shift(const DecodedInstruction& now, const ArithmeticParts& parts);

  // A jump by what the last comparison says.
  void branch_ways(const FlowBlock& block, std::uint32_t index, Comparison comparison);
  void compare_a(const DecodedInstruction& now);
  bool compare_in_memory(const FlowBlock& block);
  bool search(std::uint32_t index);
  bool choose_verdict(const FlowBlock& block, Comparison comparison);
  void go_to(std::uint32_t from, std::uint32_t block);

  // scalar_request.cc
  void detours();

  Label& label_of(std::uint32_t block) {
    return lengths_.needed(block) == kNeverAccepts ? reject_ : labels_[block];
  }
  bool rejects(std::uint32_t block) const { return lengths_.needed(block) == kNeverAccepts; }
  // The block that is emitted behind this one.
  std::uint32_t next_emitted(std::uint32_t block) const;
  bool a_is_live(const FlowBlock& block) const {
    return ((flow_.live_in(block.on_true) | flow_.live_in(block.on_false)) & kLiveA) != 0;
  }
  std::optional<std::uint32_t> verdict_of(std::uint32_t block) const;
  Reg32 cell_register(std::uint32_t cell) const { return Reg32(places_[cell].in_register); }
  Xbyak::Address cell_on_stack(std::uint32_t cell) {
    return out_.dword[out_.rsp + places_[cell].on_stack];
  }
  void note(std::uint32_t index) {
    if (locations_ != nullptr) {
      locations_->push_back({static_cast<std::uint32_t>(out_.getSize()), index});
    }
  }

  Assembler& out_;
  ConstantPool& pool_;
  const VerifiedProgram& program_;
  std::span<const DecodedInstruction> code_;
  const Flow& flow_;
  const NeededLengths& lengths_;
  const ScalarEntries& entries_;
  std::vector<CodeLocation>* locations_;
  Rules rules_;
  ScalarNeeds needs_;
  std::vector<Label> labels_;
  Label reject_;
  Label request_;  // calls the library
  std::deque<Detour> detours_;
  std::array<CellPlace, kScratchCells> places_{};
  int frame_ = 0;       // bytes on the stack
  int request_at_ = 0;  // the LoadRequest in the frame
  int saved_at_ = 0;    // the cells' registers in the frame
  int steps_at_ = 0;    // the count of steps in the frame, of programs that loop
  std::size_t partition_effort_;

  const Reg32 a_ = Xbyak::util::eax;
  const Reg32 x_ = Xbyak::util::r8d;
  const Reg64 x64_ = Xbyak::util::r8;
  const Reg64 data_ = Xbyak::util::rdi;
  const Reg32 captured_ = Xbyak::util::esi;
  const Reg64 captured64_ = Xbyak::util::rsi;
  const Reg32 length_ = Xbyak::util::r11d;
  const Reg64 context_ = Xbyak::util::r10;
  const Reg32 scratch_ = Xbyak::util::ecx;
  const Reg64 scratch64_ = Xbyak::util::rcx;
  const Reg32 scratch2_ = Xbyak::util::edx;
  const Reg64 scratch2_64_ = Xbyak::util::rdx;
};

}  // namespace bpfc::jit
