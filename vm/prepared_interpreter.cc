#include <algorithm>

#include "bpfc/interpreter.h"

namespace bpfc {

struct Interpreter::Code {
  VerifiedProgram program;
};

Interpreter::Interpreter(const VerifiedProgram& program)
    : code_(std::make_unique<const Code>(Code{program})) {}
Interpreter::Interpreter(Interpreter&& other) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&& other) noexcept = default;
Interpreter::~Interpreter() = default;

std::uint32_t Interpreter::run(const PacketView& packet) const { return run(to_packet(packet)); }

std::uint32_t Interpreter::run(const Packet& packet) const {
  return interpret(code_->program, packet);
}

void Interpreter::run_batch(std::span<const PacketView> packets,
                            std::span<std::uint32_t> verdicts) const {
  std::transform(packets.begin(), packets.end(), verdicts.begin(),
                 [this](const PacketView& packet) { return run(packet); });
}

}  // namespace bpfc
