// The loop: no loop at all, but a label for each kind of step, the code behind which ends in a jump
// to the next step's label (direct threading). So each kind has jumps of its own for the processor
// to predict. A test branches, and has such a jump on either side: choosing the next step without a
// branch takes twice as long, as branches are predicted far better than jumps to addresses.
//
// Written once, it is made three times: for a single packet, for many, one after the other without
// leaving the function, and for programs that need more than others do: special loads, the count of
// steps. The first two call nothing, and so need no registers that calls would keep. What they
// cannot do, a load that the kernel's rules take for something else than a place in the packet, or
// a packet of 2^31 bytes, is left to interpret().
#include "vm/threaded_run.h"

#include "vm/arithmetic.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"
#include "vm/plain_bytes.h"
#include "vm/special_load.h"

// Labels as values are an extension that g++ and clang have.
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wgnu-label-as-value"
#endif

namespace bpfc {
namespace {

// The same as interpret()'s.
constexpr std::uint64_t kStepLimit = 1U << 20;
// Packets whose bytes are asked for while one runs.
constexpr std::ptrdiff_t kAhead = 12;

// A packet as the loads beyond its plain bytes want it.
Packet whole_packet(const PacketView& view, const Packet* context) {
  return context != nullptr ? *context : to_packet(view);
}

[[gnu::noinline, gnu::cold]] std::uint32_t run_plainly(const ThreadedCode& code,
                                                       const PacketView& view,
                                                       const Packet* context) {
  return interpret(code.program, whole_packet(view, context));
}

[[gnu::noinline]] LoadOutcome load_special(const ThreadedCode& code, const Step& step,
                                           std::uint32_t a, std::uint32_t x, const PacketView& view,
                                           const Packet* context) {
  const DecodedInstruction load{static_cast<Operation>(step.width), step.k, 0, 0};
  return load_absolute_beyond(load, a, x, whole_packet(view, context), code.rules);
}

enum class Loop : std::uint8_t {
  kOne,
  kMany,
  kFull,  // any program, one packet or many
};

// The verdict, of kOne. Where `handlers` is given, and the packet is one that it would leave to
// interpret(), it tells the labels' addresses, by kind: one function must do both, as labels are
// known only where they stand.
template <Loop kLoop>
std::uint32_t run_loop(const ThreadedCode* code, const PacketView* packet, const PacketView* end,
                       std::uint32_t* verdicts, const Packet* context,
                       const void* const** handlers) {
  static const void* const kLabels[] = {
#define BPFC_STEP(name) &&step_##name,
#define BPFC_TEST(source, test) &&step_##source##test##Branch, &&step_##source##test##Return,
#define BPFC_SELECT(source) &&step_Select##source,
#include "vm/threaded_step.def"
  };
  const Step* now;
  const std::uint8_t* data;
  std::uint32_t captured;
  std::uint32_t a;
  std::uint32_t x;
  std::array<std::uint32_t, kScratchCells> cells;
  [[maybe_unused]] std::uint32_t result;
  [[maybe_unused]] std::uint64_t executed;

// A jump has no parentheses around it.  NOLINTNEXTLINE(bugprone-macro-parentheses)
#define BPFC_NEXT() goto*(now->handler)
#define BPFC_GO(distance)           \
  do {                              \
    now = step_at(now, (distance)); \
    BPFC_NEXT();                    \
  } while (false)
#define BPFC_FOLLOWING() \
  do {                   \
    ++now;               \
    BPFC_NEXT();         \
  } while (false)
  // The empty instruction keeps compilers from making a conditional move of it.
#define BPFC_GO_IF(holds)  \
  if (holds) {             \
    asm volatile("");      \
    BPFC_GO(now->ways[1]); \
  }                        \
  BPFC_GO(now->ways[0])
#define BPFC_RETURN_IF(holds)                              \
  if (holds) {                                             \
    asm volatile("");                                      \
    BPFC_RETURN(static_cast<std::uint32_t>(now->ways[1])); \
  }                                                        \
  BPFC_RETURN(static_cast<std::uint32_t>(now->ways[0]))
#define BPFC_RETURN(value)                             \
  do {                                                 \
    if constexpr (kLoop == Loop::kOne) return (value); \
    result = (value);                                  \
    goto finish;                                       \
  } while (false)
#define BPFC_NEEDS(length)              \
  if (captured < (length)) [[unlikely]] \
  goto reject

start:
  data = packet->data;
  captured = packet->captured;
  if constexpr (kLoop != Loop::kOne) {
    if (end - packet > kAhead) __builtin_prefetch(packet[kAhead].data + code->first_byte);
  }
  a = 0;
  x = 0;
  executed = 0;
  now = kLoop == Loop::kOne ? code->steps.data() : code->steps_for_many.data();
  if (captured < code->needed) [[unlikely]]
    goto reject;
  if (captured < kFirstSpecialOffset) [[likely]]
    BPFC_NEXT();

plainly:
  if (handlers != nullptr) {
    *handlers = kLabels;
    return 0;
  }
  BPFC_RETURN(run_plainly(*code, *packet, context));
reject:
  BPFC_RETURN(0);
finish:
  *verdicts++ = result;
  if (++packet == end) return 0;
  goto start;

  // Loads.

#define BPFC_ABSOLUTE(name, read)     \
  step_##name : BPFC_NEEDS(now->low); \
  a = read(data + now->k);            \
  BPFC_FOLLOWING();
  BPFC_ABSOLUTE(LoadWordAbsolute, load_word)
  BPFC_ABSOLUTE(LoadHalfAbsolute, load_half)
  BPFC_ABSOLUTE(LoadByteAbsolute, load_byte)

  // The value at X + offset, into A.
#define BPFC_READ_INDEXED(offset, size, read)                                                    \
  if (std::uint64_t{x} + (offset) + (size) <= captured) [[likely]] {                             \
    a = read(data + x + (offset));                                                               \
  } else if (kLoop == Loop::kFull) {                                                             \
    const LoadOutcome loaded = load_indexed_beyond(std::uint64_t{x} + (offset), (size),          \
                                                   whole_packet(*packet, context), code->rules); \
    if (loaded.ends_program) BPFC_RETURN(loaded.value);                                          \
    a = loaded.value;                                                                            \
  } else if (std::uint64_t{x} + (offset) + (size) <= code->plain_end) {                          \
    goto reject;                                                                                 \
  } else {                                                                                       \
    goto plainly;                                                                                \
  }
#define BPFC_INDEXED(name, size, read) \
  step_##name : BPFC_READ_INDEXED(now->k, size, read) BPFC_FOLLOWING();
  BPFC_INDEXED(LoadWordIndexed, 4, load_word)
  BPFC_INDEXED(LoadHalfIndexed, 2, load_half)
  BPFC_INDEXED(LoadByteIndexed, 1, load_byte)

step_LoadXHeaderLength:
  BPFC_NEEDS(now->low);
  x = (load_byte(data + now->k) & 0xfU) << 2U;
  BPFC_FOLLOWING();

step_LoadSpecial : {
  if constexpr (kLoop != Loop::kFull) goto plainly;
  const LoadOutcome loaded = load_special(*code, *now, a, x, *packet, context);
  if (loaded.ends_program) BPFC_RETURN(loaded.value);
  a = loaded.value;
  BPFC_FOLLOWING();
}
step_LoadXSpecial : {
  if constexpr (kLoop != Loop::kFull) goto plainly;
  const LoadOutcome loaded = load_special(*code, *now, a, x, *packet, context);
  if (loaded.ends_program) BPFC_RETURN(loaded.value);
  x = (loaded.value & 0xfU) << 2U;
  BPFC_FOLLOWING();
}

  // What one instruction does.

step_LoadConstant:
  a = now->k;
  BPFC_FOLLOWING();
step_LoadXConstant:
  x = now->k;
  BPFC_FOLLOWING();
step_LoadPacketLength:
  a = packet->length;
  BPFC_FOLLOWING();
step_LoadXPacketLength:
  x = packet->length;
  BPFC_FOLLOWING();
step_LoadCell:
  a = cells[now->k];
  BPFC_FOLLOWING();
step_LoadXCell:
  x = cells[now->k];
  BPFC_FOLLOWING();
step_StoreCell:
  cells[now->k] = a;
  BPFC_FOLLOWING();
step_StoreXCell:
  cells[now->k] = x;
  BPFC_FOLLOWING();
step_TransferAToX:
  x = a;
  BPFC_FOLLOWING();
step_TransferXToA:
  a = x;
  BPFC_FOLLOWING();

#define BPFC_RIGHT_Constant now->k
#define BPFC_RIGHT_X x
#define BPFC_OPERATION(name, code, mnemonic, format, kind)
#define BPFC_ARITHMETIC(name, opcode, mnemonic, format, arithmetic, operand)      \
  step_##name : {                                                                 \
    const auto computed =                                                         \
        compute(Arithmetic::k##arithmetic, a, BPFC_RIGHT_##operand, code->rules); \
    if (!computed) goto reject;                                                   \
    a = *computed;                                                                \
    BPFC_FOLLOWING();                                                             \
  }
#include "vm/isa.def"

#define BPFC_COMPARED_WITH_X(name, comparison) \
  step_##name : BPFC_GO_IF(compare(Comparison::comparison, a, x));
  BPFC_COMPARED_WITH_X(JumpEqualX, kEqual)
  BPFC_COMPARED_WITH_X(JumpGreaterX, kGreater)
  BPFC_COMPARED_WITH_X(JumpGreaterOrEqualX, kGreaterOrEqual)
  BPFC_COMPARED_WITH_X(JumpAnyBitX, kAnyBit)

step_JumpBackwards:
  if constexpr (kLoop != Loop::kFull) goto plainly;
  if (executed >= kStepLimit) goto reject;
step_Jump:
  BPFC_GO(now->ways[0]);
step_ReturnConstant:
  BPFC_RETURN(now->k);
step_ReturnA:
  BPFC_RETURN(a);
step_Require:
  BPFC_NEEDS(now->low);
  BPFC_FOLLOWING();
step_ClearCells:
  cells.fill(0);
  BPFC_FOLLOWING();
step_Count:
  executed += now->k;
  BPFC_FOLLOWING();

  // Tests.

step_BytesBranch:
  BPFC_NEEDS(now->low);
  BPFC_GO_IF(are_equal(data + now->k, code->bytes_tests.data()[now->width]));
step_BytesReturn:
  BPFC_NEEDS(now->low);
  BPFC_RETURN_IF(are_equal(data + now->k, code->bytes_tests.data()[now->width]));

#define BPFC_IS_IN_Range is_in_range
#define BPFC_IS_IN_Buckets is_in_buckets
#define BPFC_IS_IN_Bitmap is_in_bitmap
#define BPFC_IS_IN_Search is_in_search
#define BPFC_HOLDS(test, value) BPFC_IS_IN_##test(now->low, now->width, code->tables, (value))

  // Each source loads into A and says what holds.
#define BPFC_FROM_Register(test) const bool holds = BPFC_HOLDS(test, a & now->k);
#define BPFC_FROM_ABSOLUTE(test, read) \
  BPFC_NEEDS(now->needed);             \
  a = read(data + now->offset);        \
  const bool holds = BPFC_HOLDS(test, a & now->k);
#define BPFC_FROM_Byte(test) BPFC_FROM_ABSOLUTE(test, load_byte)
#define BPFC_FROM_Half(test) BPFC_FROM_ABSOLUTE(test, load_half)
#define BPFC_FROM_Word(test) BPFC_FROM_ABSOLUTE(test, load_word)
#define BPFC_FROM_INDEXED(test, size, read)  \
  BPFC_READ_INDEXED(now->offset, size, read) \
  const bool holds = BPFC_HOLDS(test, a & now->k);
#define BPFC_LOAD_HEADER() x = (load_byte(data + now->needed) & 0xfU) << 2U;
#define BPFC_FROM_IndexedByte(test) BPFC_FROM_INDEXED(test, 1, load_byte)
#define BPFC_FROM_IndexedHalf(test) BPFC_FROM_INDEXED(test, 2, load_half)
#define BPFC_FROM_IndexedWord(test) BPFC_FROM_INDEXED(test, 4, load_word)
#define BPFC_FROM_HeaderByte(test) BPFC_LOAD_HEADER() BPFC_FROM_INDEXED(test, 1, load_byte)
#define BPFC_FROM_HeaderHalf(test) BPFC_LOAD_HEADER() BPFC_FROM_INDEXED(test, 2, load_half)

  // Of two loads the second need not be there if the first one holds. The second one's offset is
  // the larger one.
#define BPFC_FROM_EITHER(test, size, read)                     \
  BPFC_NEEDS(now->needed);                                     \
  bool holds = BPFC_HOLDS(test, read(data + now->offset));     \
  if (std::uint64_t{now->k} + (size) <= captured) [[likely]] { \
    a = read(data + now->k);                                   \
    holds |= BPFC_HOLDS(test, a);                              \
  } else if (!holds) {                                         \
    goto reject;                                               \
  }
#define BPFC_FROM_EitherHalf(test) BPFC_FROM_EITHER(test, 2, load_half)
#define BPFC_FROM_EitherWord(test) BPFC_FROM_EITHER(test, 4, load_word)
#define BPFC_FROM_EitherIndexedHalf(test)                        \
  bool holds;                                                    \
  if (std::uint64_t{x} + now->k + 2 <= captured) [[likely]] {    \
    a = load_half(data + x + now->k);                            \
    holds = BPFC_HOLDS(test, load_half(data + x + now->offset)); \
    holds |= BPFC_HOLDS(test, a);                                \
  } else {                                                       \
    BPFC_READ_INDEXED(now->offset, 2, load_half)                 \
    holds = BPFC_HOLDS(test, a);                                 \
    if (!holds) {                                                \
      BPFC_READ_INDEXED(now->k, 2, load_half)                    \
      holds = BPFC_HOLDS(test, a);                               \
    }                                                            \
  }
#define BPFC_FROM_EitherHeaderHalf(test) BPFC_LOAD_HEADER() BPFC_FROM_EitherIndexedHalf(test)

#define BPFC_STEP(name)
#define BPFC_TEST(source, test)                                                 \
  step_##source##test##Branch : { BPFC_FROM_##source(test) BPFC_GO_IF(holds); } \
  step_##source##test##Return : { BPFC_FROM_##source(test) BPFC_RETURN_IF(holds); }
#define BPFC_SELECT(source)
#include "vm/threaded_step.def"

  // The words are the borders between the pieces, and behind them the distances for each piece.
#define BPFC_LOAD_Register
#define BPFC_LOAD_Byte     \
  BPFC_NEEDS(now->needed); \
  a = load_byte(data + now->offset);
#define BPFC_LOAD_Half     \
  BPFC_NEEDS(now->needed); \
  a = load_half(data + now->offset);
#define BPFC_LOAD_Word     \
  BPFC_NEEDS(now->needed); \
  a = load_word(data + now->offset);
#define BPFC_STEP(name)
#define BPFC_TEST(source, test)
#define BPFC_SELECT(source)                                                               \
  step_Select##source : {                                                                 \
    BPFC_LOAD_##source const std::uint32_t* words = code->tables.words.data() + now->low; \
    const std::uint32_t piece = count_not_above(words, now->width, a & now->k);           \
    BPFC_GO(static_cast<std::int32_t>(words[now->width + piece]));                        \
  }
#include "vm/threaded_step.def"
}

}  // namespace

std::uint32_t run_threaded(const ThreadedCode& code, const PacketView& packet,
                           const Packet* context) {
  if (!code.full) [[likely]] {
    return run_loop<Loop::kOne>(&code, &packet, nullptr, nullptr, context, nullptr);
  }
  std::uint32_t verdict = 0;
  run_loop<Loop::kFull>(&code, &packet, &packet + 1, &verdict, context, nullptr);
  return verdict;
}

void run_threaded(const ThreadedCode& code, std::span<const PacketView> packets,
                  std::uint32_t* verdicts) {
  const PacketView* end = packets.data() + packets.size();
  if (code.full) {
    run_loop<Loop::kFull>(&code, packets.data(), end, verdicts, nullptr, nullptr);
  } else {
    run_loop<Loop::kMany>(&code, packets.data(), end, verdicts, nullptr, nullptr);
  }
}

void link_threaded(ThreadedCode& code, std::span<const StepKind> kinds) {
  const void* const* one = nullptr;
  const void* const* many = nullptr;
  // A packet that no steps are run for.
  const PacketView endless{nullptr, kFirstSpecialOffset, 0};
  run_loop<Loop::kOne>(&code, &endless, nullptr, nullptr, nullptr, &one);
  (code.full ? run_loop<Loop::kFull> : run_loop<Loop::kMany>)(&code, &endless, &endless + 1,
                                                              nullptr, nullptr, &many);
  code.steps_for_many = code.steps;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    code.steps[i].handler = one[static_cast<std::size_t>(kinds[i])];
    code.steps_for_many[i].handler = many[static_cast<std::size_t>(kinds[i])];
  }
}

}  // namespace bpfc
