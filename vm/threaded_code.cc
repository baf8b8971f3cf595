// Blocks are decoded in the order of the program, so that all that leads to one has been decoded
// before it. Of each the instructions become steps, a step each, but for the end: a load and the
// branches that test its value are one step. What libpcap makes of `tcp port 80`
//
//    0 ldh [12]; jeq #0x86dd jt 2 jf 8          Half Range Branch; 34 bytes are needed
//    2 ldb [20]; jeq #6 jt 4 jf 19              Byte Range Branch; 56 bytes are needed
//    4 ldh [54]; jeq #80 jt 18 jf 6
//    6 ldh [56]; jeq #80 jt 18 jf 19            EitherHalf Range Return
//    8 jeq #0x800 jt 9 jf 19
//    9 ldb [23]; jeq #6 jt 11 jf 19
//   11 ldh [20]; jset #0x1fff jt 19 jf 13       Bytes Branch
//   13 ldxb 4*([14]&0xf)
//   14 ldh [x + 14]; jeq #80 jt 18 jf 16
//   16 ldh [x + 16]; jeq #80 jt 18 jf 19        EitherHeaderHalf Range Return
//   18 ret #262144
//   19 ret #0
//
// takes three steps of any packet. Many instructions are taken as one where
// - a chain or tree of branches tests one value: a set (partition.h, value_set.h);
// - bytes near each other must all have some value: sixteen are compared under a mask;
// - two values are tested alike, and one of them must pass.
//
// Such a step does not leave in A what the instructions would, so nothing behind it may read A.
// What a block needs captured (needed_length.h) is checked by its first load, unless the steps
// before have seen to it.
//
// Programs that loop are decoded instruction by instruction, so that they can be counted as
// interpret() does.
#include "vm/threaded_code.h"

#include <algorithm>
#include <limits>

#include "vm/opcode.h"
#include "vm/packet_load.h"
#include "vm/threaded_decoder.h"
#include "vm/threaded_run.h"

namespace bpfc {
namespace {

constexpr std::size_t kEffortForInstruction = 8;
constexpr std::size_t kLeastEffort = 1024;
// A block that leads to another one alone is decoded together with it, which may mean that the
// other one is decoded several times.
constexpr std::size_t kLongestGathered = 32;

bool reads_cells(std::span<const DecodedInstruction> code) {
  return std::any_of(code.begin(), code.end(), [](const DecodedInstruction& now) {
    return now.operation == Operation::kLoadCell || now.operation == Operation::kLoadXCell;
  });
}

// The step that bears the instruction's name, for those that need no other care.
StepKind step_of(Operation operation) {
  switch (operation) {
#define BPFC_STEP_OF(name) \
  case Operation::k##name: \
    return StepKind::k##name;
    BPFC_STEP_OF(LoadWordIndexed)
    BPFC_STEP_OF(LoadHalfIndexed)
    BPFC_STEP_OF(LoadByteIndexed)
    BPFC_STEP_OF(LoadConstant)
    BPFC_STEP_OF(LoadXConstant)
    BPFC_STEP_OF(LoadPacketLength)
    BPFC_STEP_OF(LoadXPacketLength)
    BPFC_STEP_OF(LoadCell)
    BPFC_STEP_OF(LoadXCell)
    BPFC_STEP_OF(StoreCell)
    BPFC_STEP_OF(StoreXCell)
    BPFC_STEP_OF(TransferAToX)
    BPFC_STEP_OF(TransferXToA)
    BPFC_STEP_OF(ReturnConstant)
    BPFC_STEP_OF(ReturnA)
#define BPFC_OPERATION(name, code, mnemonic, format, kind)
#define BPFC_ARITHMETIC(name, code, mnemonic, format, arithmetic, operand) BPFC_STEP_OF(name)
#include "vm/isa.def"
#undef BPFC_STEP_OF
    case Operation::kLoadWordAbsolute:
      return StepKind::kLoadWordAbsolute;
    case Operation::kLoadHalfAbsolute:
      return StepKind::kLoadHalfAbsolute;
    case Operation::kLoadByteAbsolute:
      return StepKind::kLoadByteAbsolute;
    case Operation::kLoadXHeaderLength:
      return StepKind::kLoadXHeaderLength;
    default:
      return StepKind::kReturnA;
  }
}

}  // namespace

ThreadedDecoder::ThreadedDecoder(const VerifiedProgram& program)
    : program_(program),
      code_(program.decoded()),
      flow_(program),
      lengths_(program, flow_),
      ends_(program, flow_, lengths_),
      writer_(program, flow_.blocks().size()),
      starts_(flow_.blocks().size()),
      effort_(kEffortForInstruction * code_.size() + kLeastEffort) {}

ThreadedCode ThreadedDecoder::decode() {
  ThreadedCode& made = writer_.code();
  made.plain_end = program_.rules() == Rules::kKernel ? kFirstSpecialOffset
                                                      : std::numeric_limits<std::uint64_t>::max();
  made.full = flow_.loops();
  if (program_.rules() == Rules::kLibpcap && reads_cells(code_)) writer_.add(StepKind::kClearCells);
  if (flow_.loops()) {
    for (std::uint32_t block = 0; block < starts_.size(); ++block) decode_block_of_loop(block);
    return writer_.finish();
  }
  const std::uint32_t needed = required_at(0);
  made.needed = needed == kNeverAccepts ? 0 : needed;
  made.first_byte = first_byte();
  reach(0, made.needed);
  for (std::uint32_t block = 0; block < starts_.size(); ++block) {
    if (starts_[block].reached) decode_block(block);
  }
  return writer_.finish();
}

std::uint32_t ThreadedDecoder::first_byte() const {
  const FlowBlock& start = flow_.blocks().front();
  for (std::uint32_t i = start.first; i <= start.last; ++i) {
    const auto load = ends_.plain_load(code_[i]);
    if (load && !load->indexed) return load->k;
  }
  return 0;
}

std::uint32_t ThreadedDecoder::required_at(std::uint32_t block) const {
  return std::max(lengths_.needed(block), lengths_.certain(block));
}

void ThreadedDecoder::reach(std::uint32_t block, std::uint32_t captured) {
  Start& start = starts_[block];
  if (!start.reached) {
    start = {true, captured, a_};
    return;
  }
  start.captured = std::min(start.captured, captured);
  if (!(start.a == a_)) start.a = {};
}

void ThreadedDecoder::decode_block(std::uint32_t block) {
  captured_ = starts_[block].captured;
  a_ = starts_[block].a;
  writer_.start_block(block);
  if (const auto verdict = ends_.verdict(block)) {
    writer_.add(StepKind::kReturnConstant, *verdict);
    return;
  }
  const std::uint32_t last = gather(block);
  const DecodedInstruction& end = code_[flow_.blocks()[last].last];
  const OperationClass kind = info(end.operation).kind;
  if (kind == OperationClass::kBranch) {
    add_end(last);
    return;
  }
  add_items(items_.size());
  if (kind == OperationClass::kReturn) return;
  add_jump(ends_.same_as(flow_.blocks()[last].on_true));
}

// The items of the block and of those that alone follow it, without what they end with if that is
// a branch; returns the last block.
std::uint32_t ThreadedDecoder::gather(std::uint32_t block) {
  items_.clear();
  required_ = required_at(block);
  for (;;) {
    const FlowBlock& at = flow_.blocks()[block];
    for (std::uint32_t i = at.first; i <= at.last; ++i) {
      items_.push_back({i, required_});
    }
    const OperationClass kind = info(code_[at.last].operation).kind;
    if (kind == OperationClass::kReturn) return block;
    if (kind == OperationClass::kBranch || kind == OperationClass::kJump) items_.pop_back();
    if (kind == OperationClass::kBranch) return block;
    const FlowBlock& next = flow_.blocks()[at.on_true];
    if (items_.size() + (next.last - next.first) >= kLongestGathered) return block;
    if (required_at(at.on_true) == kNeverAccepts) return block;
    block = at.on_true;
    required_ = std::max(required_, required_at(block));
  }
}

void ThreadedDecoder::require(std::uint32_t length) {
  if (length <= captured_) return;
  writer_.add(StepKind::kRequire).low = length;
  captured_ = length;
}

// The first ones.
void ThreadedDecoder::add_items(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const Item& item = items_[i];
    const DecodedInstruction& now = code_[item.instruction];
    const auto load = ends_.plain_load(now);
    if (load && !load->indexed) {
      const bool covered = lengths_.is_covered(item.instruction);
      const std::uint32_t needed = std::max(item.required, covered ? 0 : load->end());
      writer_.add(step_of(now.operation), now.k).low = needed > captured_ ? needed : 0;
      captured_ = std::max({captured_, needed, load->end()});
    } else {
      require(item.required);
      add_instruction(now);
    }
    if ((register_use(now.operation, now.k).writes & kLiveA) != 0) {
      a_ = load && !load->indexed ? *load : PlainLoad{};
    }
  }
}

void ThreadedDecoder::add_instruction(const DecodedInstruction& now) {
  switch (info(now.operation).kind) {
    case OperationClass::kPacketLoad:
      if (info(now.operation).format != OperandFormat::kIndexed) {
        const bool into_x = info(now.operation).format == OperandFormat::kHeaderLength;
        writer_.code().full = true;
        writer_.add(into_x ? StepKind::kLoadXSpecial : StepKind::kLoadSpecial, now.k).width =
            static_cast<std::uint32_t>(now.operation);
        return;
      }
      break;
    case OperationClass::kJump:
    case OperationClass::kBranch:
      return;
    default:
      break;
  }
  writer_.add(step_of(now.operation), now.k);
}

void ThreadedDecoder::decode_block_of_loop(std::uint32_t block) {
  const FlowBlock& at = flow_.blocks()[block];
  writer_.start_block(block);
  writer_.add(StepKind::kCount, at.last - at.first + 1);
  items_.clear();
  captured_ = required_ = 0;
  for (std::uint32_t i = at.first; i <= at.last; ++i) items_.push_back({i, 0});
  const DecodedInstruction& end = code_[at.last];
  switch (info(end.operation).kind) {
    case OperationClass::kBranch:
      items_.pop_back();
      add_branch_alone(at);
      return;
    case OperationClass::kJump:
      items_.pop_back();
      break;
    default:
      break;
  }
  add_items(items_.size());
  if (info(end.operation).kind == OperationClass::kReturn) return;
  const bool backwards =
      info(end.operation).kind == OperationClass::kJump && end.on_true <= at.last;
  writer_.add(backwards ? StepKind::kJumpBackwards : StepKind::kJump);
  writer_.lead_to_blocks(at.on_true, at.on_true);
}

ThreadedCode make_threaded_code(const VerifiedProgram& program) {
  return ThreadedDecoder(program).decode();
}

}  // namespace bpfc
