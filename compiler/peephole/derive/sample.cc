#include "peephole/derive/sample.h"

namespace bpfc::peephole {
namespace {

std::uint32_t corner(std::mt19937_64& random) {
  static constexpr std::uint32_t kCorners[] = {
      0,      1,       2,    3,      4,         5,           7,           8,
      15,     16,      24,   31,     32,        33,          255,         256,
      0xffff, 0x10000, 0xf0, 0xff00, 1U << 31U, 0x7fffffffU, 0xfffffffeU, 0xffffffffU};
  return kCorners[random() % std::size(kCorners)];
}

std::uint32_t any_number(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0:
      return static_cast<std::uint32_t>(random());
    case 1:
      return corner(random);
    default:
      return static_cast<std::uint32_t>(random() % 48);
  }
}

Sample any_state(std::mt19937_64& random) {
  Sample sample;
  for (std::uint32_t& value : sample.registers) value = any_number(random);
  // Two alike now and then.
  if (random() % 4 == 0) sample.registers[random() % kRegisters] = sample.registers[0];
  sample.captured = static_cast<std::uint32_t>(random() % 72);
  sample.wire_length = random() % 2 == 0 ? any_number(random) : sample.captured;
  sample.seed = static_cast<std::uint32_t>(random());
  sample.rules = random() % 2 == 0 ? Rules::kKernel : Rules::kLibpcap;
  return sample;
}

}  // namespace

std::vector<Sample> small_samples(std::size_t count, std::mt19937_64& random) {
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    sample = any_state(random);
    for (std::uint32_t& value : sample.symbols.values) {
      value = static_cast<std::uint32_t>(1 + random() % 10);
    }
    sample.captured = static_cast<std::uint32_t>(random() % 24);
  }
  return samples;
}

std::vector<Sample> wide_samples(std::size_t count, std::mt19937_64& random) {
  std::vector<Sample> samples(count);
  for (Sample& sample : samples) {
    sample = any_state(random);
    for (std::uint32_t& value : sample.symbols.values) value = any_number(random);
    if (random() % 4 == 0) sample.symbols.values[1] = sample.symbols.values[0];
    if (random() % 4 == 0) sample.registers[0] = sample.symbols.values[0];
    // Bytes that are what they are compared with.
    SampleMachine machine(sample);
    if (random() % 4 == 0) {
      const unsigned size = 1U << random() % 3;
      sample.symbols.values[1] = machine.load(sample.symbols.values[0], size).value;
    }
  }
  return samples;
}

bool holds_in(const Rule& rule, const std::vector<Sample>& samples) {
  constexpr std::size_t kFewest = 20;
  std::size_t tried = 0;
  const Ending end = ending(rule.window);
  for (const Sample& sample : samples) {
    SampleMachine machine(sample);
    const Symbols<SampleMachine> symbols{sample.symbols.values};
    const WindowRun<SampleMachine> run(machine, symbols);
    if (!run.allowed(rule.window) || !run.allowed(rule.replacement)) continue;
    if (rule.condition && !run.holds(*rule.condition)) continue;
    ++tried;
    WindowState<SampleMachine> left{sample.registers, true, false, 0};
    WindowState<SampleMachine> right = left;
    run.run(rule.window, left);
    run.run(rule.replacement, right);
    if (end == Ending::kReturn) {
      if ((left.goes_on ? left.verdict : 0) != (right.goes_on ? right.verdict : 0)) return false;
      continue;
    }
    if (left.goes_on != right.goes_on) return false;
    if (!left.goes_on) continue;
    if (left.taken != right.taken) return false;
    for (std::size_t i = 0; i < kRegisters; ++i) {
      if ((rule.dead >> i & 1U) == 0 && left.registers[i] != right.registers[i]) return false;
    }
  }
  return tried >= kFewest;
}

}  // namespace bpfc::peephole
