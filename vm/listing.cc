#include "bpfc/listing.h"

#include <fmt/format.h>

#include "vm/ancillary.h"
#include "vm/opcode.h"

namespace bpfc {
namespace {

std::int32_t as_signed(std::uint32_t value) { return static_cast<std::int32_t>(value); }

std::string operand_text(const OperationInfo& row, std::uint32_t k, std::uint32_t index) {
  switch (row.format) {
    case OperandFormat::kNone:
      return {};
    case OperandFormat::kAbsolute:
      if (const auto ancillary = find_ancillary(k)) return fmt::format("[{}]", ancillary->name);
      return fmt::format("[{}]", as_signed(k));
    case OperandFormat::kIndexed:
      return fmt::format("[x + {}]", as_signed(k));
    case OperandFormat::kHeaderLength:
      return fmt::format("4*([{}]&0xf)", as_signed(k));
    case OperandFormat::kPacketLength:
      return "#pktlen";
    case OperandFormat::kHexConstant:
      return fmt::format("#{:#x}", k);
    case OperandFormat::kDecimalConstant:
      return fmt::format("#{}", as_signed(k));
    case OperandFormat::kCell:
      return fmt::format("M[{}]", as_signed(k));
    case OperandFormat::kIndexRegister:
      return "x";
    case OperandFormat::kTarget:
      return fmt::format("{}", as_signed(index + 1 + k));
  }
  return {};
}

}  // namespace

std::string to_listing(std::span<const Instruction> program) {
  std::string text;
  std::uint32_t index = 0;
  for (const Instruction& instruction : program) {
    const auto operation = decode(instruction.code);
    // bpf_image() does not know `ldx #pktlen`.
    const bool printable = operation && *operation != Operation::kLoadXPacketLength;
    const std::string_view mnemonic = printable ? info(*operation).mnemonic : "unimp";
    const std::string operand = printable ? operand_text(info(*operation), instruction.k, index)
                                          : fmt::format("{:#x}", instruction.code);
    if (prints_jump_columns(instruction.code)) {
      text += fmt::format("({:03}) {:<8} {:<16} jt {}\tjf {}\n", index, mnemonic, operand,
                          index + 1 + instruction.jt, index + 1 + instruction.jf);
    } else {
      text += fmt::format("({:03}) {:<8} {}\n", index, mnemonic, operand);
    }
    ++index;
  }
  return text;
}

std::string to_c_array(std::span<const Instruction> program) {
  std::string text;
  for (const Instruction& instruction : program) {
    text += fmt::format("{{ {:#x}, {}, {}, 0x{:08x} }},\n", instruction.code, instruction.jt,
                        instruction.jf, instruction.k);
  }
  return text;
}

std::string to_decimal(std::span<const Instruction> program) {
  std::string text = fmt::format("{}\n", program.size());
  for (const Instruction& instruction : program) {
    text += fmt::format("{} {} {} {}\n", instruction.code, instruction.jt, instruction.jf,
                        instruction.k);
  }
  return text;
}

std::string to_one_line(std::span<const Instruction> program) {
  std::string text = fmt::format("{}", program.size());
  for (const Instruction& instruction : program) {
    text += fmt::format(",{} {} {} {}", instruction.code, instruction.jt, instruction.jf,
                        instruction.k);
  }
  return text;
}

}  // namespace bpfc
