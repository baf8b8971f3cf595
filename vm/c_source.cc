// Each instruction that can be reached becomes one statement, in the program's order; what jumps
// to a `ret #k` returns at once, so that labels stand only where paths meet. `icmp`:
//
//   if (captured < 24) return 0;
//   a = packet[23];                              /* (000) ldb      [23] */
//   if (a != 0x1) return 0;                      /* (001) jeq      #0x1             jt 2 jf 5 */
//   if (captured < 14) return 0;
//   a = (uint32_t)packet[12] << 8 | packet[13];  /* (002) ldh      [12] */
//   if (a != 0x800) return 0;                    /* (003) jeq      #0x800           jt 4 jf 5 */
//   return 262144;                               /* (004) ret      #262144 */
//
// Comparisons that no value changes are decided here: compilers warn of them.
#include "bpfc/c_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "bpfc/listing.h"
#include "vm/ancillary.h"
#include "vm/c_text.h"
#include "vm/c_variables.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc {
namespace {

// As interpret() has it.
constexpr std::uint32_t kStepLimit = 1U << 20U;
constexpr int kStatementWidth = 46;

constexpr std::string_view kPositionHelper = R"(
/* Where the kernel loads from: from 2^31 up, offsets are relative to a header, or nowhere. */
static uint32_t {0}_position(uint32_t offset) {{
  if (offset < 0x80000000u) return offset;
  if (offset >= {1:#x}u) return offset - {1:#x}u;
  return offset >= {2:#x}u ? offset - {2:#x}u : 0xffffffffu;
}}
)";

// Both searches, as vm/netlink_attribute.cc.
constexpr std::string_view kAttributeHelper = R"(
/* The netlink attribute of that type from `offset` on; 0: none. */
static uint32_t {0}_attribute(const uint8_t *packet, uint32_t captured, uint32_t start,
                              uint32_t type, int nested) {{
  uint64_t offset = start, end = captured;
  uint16_t head[2];
  while (offset <= end && end - offset >= sizeof head) {{
    memcpy(head, packet + offset, sizeof head);
    if (head[0] < sizeof head || head[0] > end - offset) return 0;
    if (nested) {{
      end = offset + head[0];
      offset += sizeof head;
      nested = 0;
      continue;
    }}
    if ((head[1] & 0x3fffu) == type) return (uint32_t)offset;
    offset += (head[0] + (uint64_t)3) & ~(uint64_t)3;
  }}
  return 0;
}}
)";

// A load at a place that the program names: where that is in the packet, if anywhere.
struct NamedLoad {
  std::optional<AncillaryLoad> ancillary;  // instead
  std::optional<std::uint32_t> position;
};

class CWriter {
 public:
  CWriter(const VerifiedProgram& program, const CSourceOptions& options)
      : code_(program.decoded()), rules_(program.rules()), options_(options) {
    std::string text = to_listing(program.program());
    std::replace(text.begin(), text.end(), '\t', ' ');
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      listing_.push_back(text.substr(begin, end - begin));
      begin = end + 1;
    }
  }

  std::string write() {
    find_reachable();
    for (std::uint32_t i = 0; i < code_.size(); ++i) {
      if (reached_[i]) write_instruction(i);
    }
    return assemble();
  }

 private:
  using V = Variables;

  OperationClass kind(std::uint32_t i) const { return info(code_[i].operation).kind; }

  bool jumps(std::uint32_t i) const {
    return kind(i) == OperationClass::kJump || kind(i) == OperationClass::kBranch;
  }

  bool returns_constant(std::uint32_t i) const {
    return code_[i].operation == Operation::kReturnConstant;
  }

  NamedLoad named_load(const DecodedInstruction& now) const {
    const bool is_header_length = now.operation == Operation::kLoadXHeaderLength;
    if (!is_header_length && now.k >= kAncillaryBase) {
      // libpcap's rules know none where there is nothing beside the packet.
      if (rules_ == Rules::kLibpcap) return {};
      const auto ancillary = find_ancillary(now.k);
      if (ancillary) return {ancillary->load, {}};
    }
    const std::optional<std::uint64_t> position = rules_ == Rules::kKernel
                                                      ? kernel_position(Packet{}, now.k)
                                                      : std::optional<std::uint64_t>(now.k);
    constexpr std::uint64_t kLongest = std::numeric_limits<std::uint32_t>::max();
    if (!position || *position + load_size(now.operation) > kLongest) return {};
    return {{}, static_cast<std::uint32_t>(*position)};
  }

  // A return, or a load that ends the program whatever the packet is.
  bool ends(std::uint32_t i) const {
    if (kind(i) == OperationClass::kReturn) return true;
    if (kind(i) != OperationClass::kPacketLoad ||
        info(code_[i].operation).format == OperandFormat::kIndexed) {
      return false;
    }
    const NamedLoad load = named_load(code_[i]);
    return load.ancillary ? is_of_device(*load.ancillary) : !load.position;
  }

  static bool is_of_device(AncillaryLoad load) {
    return load == AncillaryLoad::kInterfaceIndex || load == AncillaryLoad::kHardwareType;
  }

  // Where an instruction goes on.
  std::array<std::uint32_t, 2> ways(std::uint32_t i) const {
    const DecodedInstruction& now = code_[i];
    const auto branch = branch_parts(now.operation);
    if (branch && branch->right == RightOperand::kConstant) {
      const auto known = decided(branch->comparison, now.k);
      if (known) {
        const std::uint32_t only = *known ? now.on_true : now.on_false;
        return {only, only};
      }
    }
    return {now.on_true, now.on_false};
  }

  // Whether a jump at `i` needs a label at `target`.
  bool needs_label(std::uint32_t i, std::uint32_t target) const {
    return target != i + 1 && !returns_constant(target);
  }

  void find_reachable() {
    reached_.assign(code_.size(), false);
    labelled_.assign(code_.size(), false);
    std::vector<std::uint32_t> waiting = {0};
    reached_[0] = true;
    while (!waiting.empty()) {
      const std::uint32_t i = waiting.back();
      waiting.pop_back();
      if (ends(i)) continue;
      for (const std::uint32_t target : ways(i)) {
        if (target <= i) counts_steps_ = true;
        if (jumps(i) && needs_label(i, target)) labelled_[target] = true;
        const bool has_line = target == i + 1 || labelled_[target];
        if (!has_line || reached_[target]) continue;
        reached_[target] = true;
        waiting.push_back(target);
      }
    }
  }

  // A statement; the instruction's listing goes beside its last one.
  void say(const std::string& statement) { body_ += fmt::format("  {}\n", statement); }
  void finish(std::uint32_t i, std::string statement) {
    if (const std::size_t end = statement.find('\n'); end != std::string::npos) {
      say(statement.substr(0, end));
      statement.erase(0, end + 1);
    }
    body_ += fmt::format("  {:<{}} /* {} */\n", statement, kStatementWidth, listing_[i]);
  }

  void write_instruction(std::uint32_t i) {
    if (labelled_[i]) {
      count_steps();
      body_ += fmt::format("L{}:\n", i);
    }
    ++steps_;
    switch (kind(i)) {
      case OperationClass::kPacketLoad:
        write_load(i);
        break;
      case OperationClass::kValueLoad:
      case OperationClass::kStore:
      case OperationClass::kTransfer:
        finish(i, move_text(code_[i]));
        break;
      case OperationClass::kArithmetic:
        write_arithmetic(i);
        break;
      case OperationClass::kJump:
      case OperationClass::kBranch:
        write_jump(i);
        break;
      case OperationClass::kReturn:
        finish(i, returns_constant(i) ? return_text(i)
                                      : fmt::format("return {};", variables_.read(V::kA)));
        break;
    }
    if (ends(i)) steps_ = 0;
  }

  // Only where a program can go back does their number matter.
  void count_steps() {
    if (counts_steps_ && steps_ > 0) {
      say(fmt::format("{} += {};", variables_.write(V::kSteps), steps_));
    }
    steps_ = 0;
  }

  std::string return_text(std::uint32_t i) const { return fmt::format("return {}u;", code_[i].k); }

  std::string move_text(const DecodedInstruction& now) {
    const auto move = [&](unsigned to, unsigned from) {
      return fmt::format("{} = {};", variables_.write(to), variables_.read(from));
    };
    switch (now.operation) {
      case Operation::kLoadConstant:
        return fmt::format("{} = {:#x}u;", variables_.write(V::kA), now.k);
      case Operation::kLoadXConstant:
        return fmt::format("{} = {:#x}u;", variables_.write(V::kX), now.k);
      case Operation::kLoadPacketLength:
        return move(V::kA, V::kLength);
      case Operation::kLoadXPacketLength:
        return move(V::kX, V::kLength);
      case Operation::kLoadCell:
        return move(V::kA, now.k);
      case Operation::kLoadXCell:
        return move(V::kX, now.k);
      case Operation::kStoreCell:
        return move(now.k, V::kA);
      case Operation::kStoreXCell:
        return move(now.k, V::kX);
      case Operation::kTransferAToX:
        return move(V::kX, V::kA);
      default:
        return move(V::kA, V::kX);
    }
  }

  void write_arithmetic(std::uint32_t i) {
    const DecodedInstruction& now = code_[i];
    const ArithmeticParts parts = *arithmetic_parts(now.operation);
    const std::string_view sign = symbol(parts.arithmetic);
    const std::string a = variables_.write(V::kA);
    if (parts.arithmetic == Arithmetic::kNegate) return finish(i, "a = 0u - a;");
    const bool shifts =
        parts.arithmetic == Arithmetic::kShiftLeft || parts.arithmetic == Arithmetic::kShiftRight;
    if (parts.right == RightOperand::kConstant) {
      const auto distance = shift_distance(now.k, rules_);
      if (shifts && !distance) return finish(i, "a = 0;");
      const bool in_hex = info(now.operation).format == OperandFormat::kHexConstant;
      const std::uint32_t right = shifts ? *distance : now.k;
      return finish(i, in_hex ? fmt::format("a {}= {:#x}u;", sign, right)
                              : fmt::format("a {}= {}u;", sign, right));
    }
    const std::string x = variables_.read(V::kX);
    if (shifts) {
      return finish(i, rules_ == Rules::kKernel ? fmt::format("a {}= x & 31;", sign)
                                                : fmt::format("a = x < 32 ? a {} x : 0;", sign));
    }
    if (!compute(parts.arithmetic, 1, 0, rules_)) say("if (x == 0) return 0;");
    finish(i, fmt::format("a {}= x;", sign));
  }

  void write_load(std::uint32_t i) {
    const DecodedInstruction& now = code_[i];
    const unsigned size = load_size(now.operation);
    if (info(now.operation).format == OperandFormat::kIndexed) return write_indexed_load(i, size);
    const NamedLoad load = named_load(now);
    if (load.ancillary) return write_ancillary_load(i, *load.ancillary);
    if (!load.position) return finish(i, "return 0;");
    say(fmt::format("if ({} < {}u) return 0;", variables_.read(V::kCaptured),
                    *load.position + size));
    const std::string bytes = bytes_text({}, *load.position, size);
    variables_.read(V::kPacket);
    if (now.operation == Operation::kLoadXHeaderLength) {
      return finish(i, fmt::format("{} = ({} & 0xfu) << 2;", variables_.write(V::kX), bytes));
    }
    finish(i, fmt::format("{} = {};", variables_.write(V::kA), bytes));
  }

  void write_indexed_load(std::uint32_t i, unsigned size) {
    const std::string offset = variables_.read(V::kOffset);
    const std::string sum = fmt::format("{} + {}u", variables_.read(V::kX), code_[i].k);
    if (rules_ == Rules::kKernel) {
      needs_position_ = true;
      say(fmt::format("{} = {}_position({});", offset, options_.name, sum));
    } else {
      // A sum past 2^32 is out of bounds.
      say(fmt::format("{} = {};", offset, sum));
      say(fmt::format("if ({} < x) return 0;", offset));
    }
    say(fmt::format("if ({0} > {1} || {1} - {0} < {2}) return 0;", offset,
                    variables_.read(V::kCaptured), size));
    variables_.read(V::kPacket);
    finish(i, fmt::format("{} = {};", variables_.write(V::kA), bytes_text(offset, 0, size)));
  }

  void write_ancillary_load(std::uint32_t i, AncillaryLoad load) {
    const bool nested = load == AncillaryLoad::kNestedNetlinkAttribute;
    if (is_of_device(load)) return finish(i, fmt::format("return {};", variables_.read(V::kA)));
    if (load == AncillaryLoad::kXorX) {
      return finish(i, fmt::format("{} ^= {};", variables_.write(V::kA), variables_.read(V::kX)));
    }
    if (!nested && load != AncillaryLoad::kNetlinkAttribute) {
      return finish(i, fmt::format("{} = 0;", variables_.write(V::kA)));
    }
    needs_attribute_ = true;
    finish(i, fmt::format("{0} = {1}_attribute({2}, {3}, {0}, {4}, {5});", variables_.read(V::kA),
                          options_.name, variables_.read(V::kPacket), variables_.read(V::kCaptured),
                          variables_.read(V::kX), nested ? 1 : 0));
  }

  std::string jump_text(std::uint32_t target) const {
    return returns_constant(target) ? return_text(target) : fmt::format("goto L{};", target);
  }

  void write_jump(std::uint32_t i) {
    count_steps();
    const auto [on_true, on_false] = ways(i);
    if (on_true == on_false) {
      if (on_true <= i) {
        say(fmt::format("if ({} >= {}u) return 0;", variables_.read(V::kSteps), kStepLimit));
      }
      return finish(i, on_true == i + 1 ? ";" : jump_text(on_true));
    }
    const DecodedInstruction& now = code_[i];
    const BranchParts parts = *branch_parts(now.operation);
    const std::string left = variables_.read(V::kA);
    const std::string right =
        parts.right == RightOperand::kX ? variables_.read(V::kX) : fmt::format("{:#x}u", now.k);
    const bool falls_through_if_true = on_true == i + 1;
    finish(i, fmt::format("if ({}) {}",
                          condition_text(parts.comparison, left, right, !falls_through_if_true),
                          jump_text(falls_through_if_true ? on_false : on_true)));
    if (!falls_through_if_true && on_false != i + 1) say(jump_text(on_false));
  }

  std::string assemble() const {
    std::string text;
    if (!options_.about.empty()) text += fmt::format("/* {} */\n", comment_text(options_.about));
    text += "#include <stdint.h>\n";
    if (needs_attribute_) text += "#include <string.h>\n";
    if (needs_position_) {
      text += fmt::format(kPositionHelper, options_.name, kNetworkBase, kLinkBase);
    }
    if (needs_attribute_) text += fmt::format(kAttributeHelper, options_.name);
    return text + fmt::format(
                      "\nuint32_t {}(const uint8_t *packet, uint32_t captured, uint32_t length) "
                      "{{\n{}{}}}\n",
                      options_.name, variables_.declarations(), body_);
  }

  std::span<const DecodedInstruction> code_;
  Rules rules_;
  const CSourceOptions& options_;
  std::vector<std::string> listing_;
  std::vector<bool> reached_;   // has a line
  std::vector<bool> labelled_;  // is jumped to
  Variables variables_;
  std::string body_;
  std::uint32_t steps_ = 0;  // instructions since they were last counted
  bool counts_steps_ = false;
  bool needs_position_ = false;
  bool needs_attribute_ = false;
};

}  // namespace

std::string to_c_source(const VerifiedProgram& program, const CSourceOptions& options) {
  return CWriter(program, options).write();
}

}  // namespace bpfc
