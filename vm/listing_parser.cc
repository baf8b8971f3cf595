// An operand is read by its own form, before it is known which instruction it belongs to; mnemonic
// and form together then find the row of the instruction table.
#include "vm/listing_parser.h"

#include <fmt/format.h>

#include <limits>
#include <optional>
#include <utility>

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

constexpr std::int64_t kMinimum = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kMaximum = std::numeric_limits<std::uint32_t>::max();

struct Operand {
  OperandFormat format = OperandFormat::kNone;
  std::uint32_t k = 0;
};

// `[4]` and `#-1` are printed signed; both signs are read.
Expected<std::uint32_t, Diagnostic> take_value(TextCursor& cursor, std::string_view what) {
  return cursor.take_number(what, kMinimum, kMaximum).map([](std::int64_t value) {
    return static_cast<std::uint32_t>(value);
  });
}

// A value and what closes the operand.
Expected<Operand, Diagnostic> take_closed(TextCursor& cursor, OperandFormat format,
                                          std::string_view what, std::string_view closing) {
  const auto k = take_value(cursor, what);
  if (!k) return tl::unexpected(k.error());
  if (!cursor.take(closing)) return tl::unexpected(cursor.expected(fmt::format("'{}'", closing)));
  return Operand{format, *k};
}

Expected<Operand, Diagnostic> take_ancillary(TextCursor& cursor) {
  const std::uint32_t begin = cursor.position();
  const std::string_view name = cursor.take_word();
  for (const AncillaryInfo& row : kAncillaryLoads) {
    if (row.name != name) continue;
    if (!cursor.take("]")) return tl::unexpected(cursor.expected("']'"));
    return Operand{OperandFormat::kAbsolute, ancillary_offset(row.load)};
  }
  return tl::unexpected(
      cursor.wrong_since(begin, fmt::format("there is no ancillary load named '{}'", name)));
}

Expected<Operand, Diagnostic> take_bracketed(TextCursor& cursor) {
  if (cursor.take("x +")) {
    return take_closed(cursor, OperandFormat::kIndexed, "an offset", "]");
  }
  cursor.skip_blanks();
  const char first = cursor.peek();
  if ((first >= 'a' && first <= 'z') || first == '_') return take_ancillary(cursor);
  return take_closed(cursor, OperandFormat::kAbsolute, "an offset", "]");
}

Expected<Operand, Diagnostic> take_operand(TextCursor& cursor) {
  cursor.skip_blanks();
  if (cursor.at_line_end()) return Operand{};
  if (cursor.take("#pktlen")) return Operand{OperandFormat::kPacketLength, 0};
  if (cursor.take("M[")) return take_closed(cursor, OperandFormat::kCell, "a cell's number", "]");
  if (cursor.take("4*([")) {
    return take_closed(cursor, OperandFormat::kHeaderLength, "an offset", "]&0xf)");
  }
  if (cursor.take("[")) return take_bracketed(cursor);
  if (cursor.take("x")) return Operand{OperandFormat::kIndexRegister, 0};
  const bool constant = cursor.take("#");
  const auto k = take_value(cursor, constant ? "a constant" : "an operand");
  if (!k) return tl::unexpected(k.error());
  return Operand{constant ? OperandFormat::kDecimalConstant : OperandFormat::kTarget, *k};
}

// Hexadecimal and decimal constants are read alike.
bool fits(OperandFormat written, OperandFormat format) {
  if (format == OperandFormat::kHexConstant) format = OperandFormat::kDecimalConstant;
  return written == format;
}

std::optional<Operation> find_operation(std::string_view mnemonic, const Operand& operand) {
  // What bpf_image() prints of the one valid opcode that it does not know.
  constexpr Operation kUnknownToLibpcap = Operation::kLoadXPacketLength;
  if (mnemonic == "unimp" && operand.format == OperandFormat::kTarget &&
      operand.k == encode(kUnknownToLibpcap)) {
    return kUnknownToLibpcap;
  }
  for (const OperationInfo& row : kOperations) {
    if (row.mnemonic == mnemonic && fits(operand.format, row.format)) return row.operation;
  }
  return std::nullopt;
}

bool is_mnemonic(std::string_view word) {
  for (const OperationInfo& row : kOperations) {
    if (row.mnemonic == word) return true;
  }
  return false;
}

// `jt 3`: the distance from the instruction after `index`.
Expected<std::uint8_t, Diagnostic> take_target(TextCursor& cursor, std::string_view keyword,
                                               std::uint32_t index) {
  if (!cursor.take(keyword)) return tl::unexpected(cursor.expected(fmt::format("'{}'", keyword)));
  const std::int64_t next = std::int64_t{index} + 1;
  return cursor
      .take_number(fmt::format("the target after {}", keyword), next,
                   next + std::numeric_limits<std::uint8_t>::max())
      .map([&](std::int64_t target) { return static_cast<std::uint8_t>(target - next); });
}

Expected<void, Diagnostic> take_index(TextCursor& cursor, std::uint32_t index) {
  if (!cursor.take("(")) {
    return tl::unexpected(cursor.expected(fmt::format("'({:03})'", index)));
  }
  const std::uint32_t begin = cursor.position();
  const auto written = cursor.take_number("an instruction's number", 0, kMaximum);
  if (!written) return tl::unexpected(written.error());
  if (*written != index) {
    return tl::unexpected(cursor.wrong_since(
        begin, fmt::format("instruction {} stands where number {} belongs", *written, index)));
  }
  if (!cursor.take(")")) return tl::unexpected(cursor.expected("')'"));
  return {};
}

Expected<Instruction, Diagnostic> take_instruction(TextCursor& cursor, std::uint32_t index) {
  if (auto number = take_index(cursor, index); !number) return tl::unexpected(number.error());
  cursor.skip_blanks();
  const std::uint32_t begin = cursor.position();
  const std::string_view mnemonic = cursor.take_word();
  if (mnemonic.empty()) return tl::unexpected(cursor.expected("an instruction"));
  if (!is_mnemonic(mnemonic) && mnemonic != "unimp") {
    return tl::unexpected(
        cursor.wrong_since(begin, fmt::format("there is no instruction '{}'", mnemonic)));
  }
  const auto operand = take_operand(cursor);
  if (!operand) return tl::unexpected(operand.error());
  const auto operation = find_operation(mnemonic, *operand);
  if (!operation) {
    return tl::unexpected(
        cursor.wrong_since(begin, fmt::format("'{}' takes no such operand", mnemonic)));
  }
  const OperationInfo& row = info(*operation);
  Instruction instruction{row.code, 0, 0, operand->k};
  if (row.kind == OperationClass::kJump) {
    instruction.k = operand->k - (index + 1);
  } else if (row.kind == OperationClass::kBranch) {
    const auto jt = take_target(cursor, "jt", index);
    if (!jt) return tl::unexpected(jt.error());
    const auto jf = take_target(cursor, "jf", index);
    if (!jf) return tl::unexpected(jf.error());
    instruction.jt = *jt;
    instruction.jf = *jf;
  } else if (row.format == OperandFormat::kPacketLength) {
    instruction.k = 0;
  }
  if (auto end = cursor.take_line_end(); !end) return tl::unexpected(end.error());
  return instruction;
}

}  // namespace

Expected<Program, Diagnostic> parse_listing(TextCursor cursor) {
  Program program;
  for (cursor.skip_white_space(); !cursor.at_end(); cursor.skip_white_space()) {
    const auto instruction = take_instruction(cursor, static_cast<std::uint32_t>(program.size()));
    if (!instruction) return tl::unexpected(instruction.error());
    program.push_back(*instruction);
  }
  return program;
}

}  // namespace bpfc
