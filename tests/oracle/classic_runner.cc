#include "tests/oracle/classic_runner.h"

#include <array>

namespace bpfc::oracle {

namespace {

// Fields of an instruction's code (linux/bpf_common.h), spelt out here so that a mistake in the
// product's table cannot hide behind the same table.
enum Class : std::uint16_t { kLd, kLdx, kSt, kStx, kAlu, kJmp, kRet, kMisc };
enum Mode : std::uint16_t {
  kImm = 0x00,
  kAbs = 0x20,
  kInd = 0x40,
  kMem = 0x60,
  kLen = 0x80,
  kMsh = 0xa0
};

struct Registers {
  std::uint32_t a = 0;
  std::uint32_t x = 0;
  std::array<std::uint32_t, kScratchCells> m{};
};

std::optional<std::uint32_t> load(std::span<const std::uint8_t> captured, std::uint64_t offset,
                                  std::uint16_t code) {
  const std::uint32_t size = (code & 0x18U) == 0x00U ? 4 : (code & 0x18U) == 0x08U ? 2 : 1;
  if (offset + size > captured.size()) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  for (std::uint32_t i = 0; i < size; ++i) {
    value = value << 8U | captured[static_cast<std::size_t>(offset) + i];
  }
  return value;
}

// Nothing: a division by zero, or an operation that there is not.
std::optional<std::uint32_t> compute(std::uint16_t operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case 0x00:
      return a + b;
    case 0x10:
      return a - b;
    case 0x20:
      return a * b;
    case 0x30:
      return b == 0 ? std::nullopt : std::optional(a / b);
    case 0x40:
      return a | b;
    case 0x50:
      return a & b;
    case 0x60:
      return b > 31 ? 0 : a << b;
    case 0x70:
      return b > 31 ? 0 : a >> b;
    case 0x80:
      return 0U - a;
    case 0x90:
      return b == 0 ? std::nullopt : std::optional(a % b);
    case 0xa0:
      return a ^ b;
    default:
      return std::nullopt;
  }
}

bool compare(std::uint16_t operation, std::uint32_t a, std::uint32_t b) {
  switch (operation) {
    case 0x10:
      return a == b;
    case 0x20:
      return a > b;
    case 0x30:
      return a >= b;
    default:
      return (a & b) != 0;
  }
}

}  // namespace

std::optional<std::uint32_t> run_classic(std::span<const Instruction> program,
                                         std::span<const std::uint8_t> captured,
                                         std::uint32_t wire_length, std::uint64_t step_limit) {
  Registers r;
  std::size_t at = 0;
  for (std::uint64_t step = 0; step < step_limit && at < program.size(); ++step) {
    const Instruction& i = program[at++];
    const std::uint16_t mode = i.code & 0xe0U;
    const std::uint16_t operation = i.code & 0xf0U;
    const std::uint32_t operand = (i.code & 0x08U) != 0 ? r.x : i.k;
    switch (i.code & 0x07U) {
      case kLd:
      case kLdx: {
        std::uint32_t& target = (i.code & 0x07U) == kLd ? r.a : r.x;
        std::optional<std::uint32_t> value;
        if (mode == kImm) {
          value = i.k;
        } else if (mode == kMem && i.k < kScratchCells) {
          value = r.m.at(i.k);
        } else if (mode == kLen) {
          value = wire_length;
        } else if (mode == kAbs) {
          value = load(captured, i.k, i.code);
        } else if (mode == kInd) {
          value = load(captured, std::uint64_t{r.x} + i.k, i.code);
        } else if (mode == kMsh) {
          value = load(captured, i.k, 0x10);
          value = value ? std::optional((*value & 0xfU) << 2U) : value;
        }
        if (!value) {
          return 0;
        }
        target = *value;
        break;
      }
      case kSt:
      case kStx:
        if (i.k >= kScratchCells) {
          return std::nullopt;
        }
        r.m.at(i.k) = (i.code & 0x07U) == kSt ? r.a : r.x;
        break;
      case kAlu: {
        const std::optional<std::uint32_t> value = compute(operation, r.a, operand);
        if (!value) {
          return 0;
        }
        r.a = *value;
        break;
      }
      case kJmp:
        if (operation == 0) {
          at += static_cast<std::size_t>(std::int64_t{static_cast<std::int32_t>(i.k)});
        } else {
          at += compare(operation, r.a, operand) ? i.jt : i.jf;
        }
        break;
      case kRet:
        return (i.code & 0x18U) == 0x10U ? r.a : i.k;
      default:
        if ((i.code & 0x80U) != 0) {
          r.a = r.x;
        } else {
          r.x = r.a;
        }
        break;
    }
  }
  return std::nullopt;
}

}  // namespace bpfc::oracle
