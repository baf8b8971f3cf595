#include "judge/program_generator.h"

#include <iterator>

#include "vm/ancillary.h"
#include "vm/opcode.h"
#include "vm/packet_load.h"

namespace bpfc::judge {

std::uint32_t ProgramGenerator::constant() {
  static constexpr std::uint32_t kEdges[] = {
      0,  1,  2,  3,  4,   7,   8,      15,         16,          31,         32,
      33, 63, 64, 65, 255, 256, 0xffff, 0x7fffffff, 0x80000000U, 0xffffffffU};
  if (one_in(3)) return word();
  return kEdges[below(static_cast<std::uint32_t>(std::size(kEdges)))];
}

std::uint32_t ProgramGenerator::offset(std::uint32_t packet_length) {
  switch (below(16)) {
    case 0:
      return constant();
    case 1:
      return kNetworkBase + below(packet_length + 2);
    case 2:
      return kLinkBase + below(packet_length + 2);
    case 3:
      // What comes of X + k past 2^32.
      return 0U - below(packet_length + 2);
    case 4:
    case 5:
      return packet_length - below(6) + 1;
    default:
      return below(packet_length + 1);
  }
}

Instruction ProgramGenerator::instruction(std::size_t index, std::size_t length,
                                          std::uint32_t packet_length) {
  const OperationInfo& row = kOperations[below(static_cast<std::uint32_t>(kOperations.size()))];
  Instruction made{row.code, 0, 0, 0};
  const auto left = static_cast<std::uint32_t>(length - index - 1);
  switch (row.format) {
    case OperandFormat::kAbsolute:
      made.k = offset(packet_length);
      if (one_in(4)) {
        made.k = ancillary_offset(
            kAncillaryLoads[below(static_cast<std::uint32_t>(kAncillaryLoads.size()))].load);
      }
      break;
    case OperandFormat::kIndexed:
    case OperandFormat::kHeaderLength:
      made.k = offset(packet_length);
      break;
    case OperandFormat::kCell:
      // Few cells, so that what is read has often been written.
      made.k = one_in(40) ? below(18) : below(3);
      break;
    case OperandFormat::kTarget:
      made.k = below(one_in(30) ? left + 2 : left);
      break;
    case OperandFormat::kDecimalConstant:
    case OperandFormat::kHexConstant:
      made.k = constant();
      break;
    case OperandFormat::kNone:
    case OperandFormat::kPacketLength:
    case OperandFormat::kIndexRegister:
      break;
  }
  if (row.kind == OperationClass::kArithmetic && one_in(2)) made.k &= 31;
  if (row.kind == OperationClass::kArithmetic && row.format == OperandFormat::kNone) made.k = 0;
  if (row.format == OperandFormat::kIndexRegister) made.k = 0;
  if (row.kind == OperationClass::kBranch) {
    const std::uint32_t bound = one_in(60) ? 256 : (left < 256 ? left : 256);
    made.jt = static_cast<std::uint8_t>(below(bound));
    made.jf = static_cast<std::uint8_t>(below(bound));
  }
  // Most programs should get past their first few instructions.
  if (row.kind == OperationClass::kReturn && !one_in(8)) {
    made = {encode(Operation::kLoadXConstant), 0, 0, offset(packet_length)};
  }
  return made;
}

Program ProgramGenerator::plausible(std::size_t max_length, std::uint32_t packet_length) {
  const std::size_t length = 1 + below(static_cast<std::uint32_t>(max_length));
  Program program;
  for (std::size_t index = 0; index + 1 < length; ++index) {
    program.push_back(instruction(index, length, packet_length));
  }
  if (one_in(3)) {
    program.push_back({encode(Operation::kReturnConstant), 0, 0, below(packet_length + 2)});
  } else {
    program.push_back({encode(Operation::kReturnA), 0, 0, 0});
  }
  return program;
}

void ProgramGenerator::spoil(Program& program) {
  Instruction& victim = program[below(static_cast<std::uint32_t>(program.size()))];
  switch (below(6)) {
    case 0:
      victim.code = static_cast<std::uint16_t>(word());
      break;
    case 1:
      victim.code = static_cast<std::uint16_t>(below(256));
      break;
    case 2:
      victim.jt = static_cast<std::uint8_t>(word());
      break;
    case 3:
      victim.jf = static_cast<std::uint8_t>(word());
      break;
    case 4:
      victim.k = constant();
      break;
    default:
      victim.k = kAncillaryBase + below(70);
      break;
  }
}

Program ProgramGenerator::nearly_valid(std::size_t max_length, std::uint32_t packet_length) {
  Program program = plausible(max_length, packet_length);
  if (one_in(2)) spoil(program);
  return program;
}

VerifiedProgram ProgramGenerator::verified(std::size_t max_length, std::uint32_t packet_length,
                                           Rules rules) {
  for (;;) {
    if (auto made = verify(plausible(max_length, packet_length), rules)) return *std::move(made);
  }
}

Program ProgramGenerator::arbitrary(std::size_t max_length) {
  Program program(below(static_cast<std::uint32_t>(max_length)) + 1);
  for (Instruction& made : program) {
    made = {static_cast<std::uint16_t>(word()), static_cast<std::uint8_t>(word()),
            static_cast<std::uint8_t>(word()), word()};
  }
  return program;
}

std::vector<std::uint8_t> ProgramGenerator::packet(std::size_t length) {
  std::vector<std::uint8_t> bytes(length);
  // Small numbers in half of the packets: they make netlink attributes and zero divisors.
  const bool small = one_in(2);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(small ? below(12) : word());
  return bytes;
}

}  // namespace bpfc::judge
