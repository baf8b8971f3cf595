#include <algorithm>
#include <limits>

#include "bpfc/interpreter.h"
#include "vm/threaded_code.h"
#include "vm/threaded_run.h"

namespace bpfc {

struct Interpreter::Code {
  ThreadedCode threaded;
};

Interpreter::Interpreter(const VerifiedProgram& program)
    : code_(std::make_unique<const Code>(Code{make_threaded_code(program)})) {}
Interpreter::Interpreter(Interpreter&& other) noexcept = default;
Interpreter& Interpreter::operator=(Interpreter&& other) noexcept = default;
Interpreter::~Interpreter() = default;

std::uint32_t Interpreter::run(const PacketView& packet) const {
  return run_threaded(code_->threaded, packet, nullptr);
}

std::uint32_t Interpreter::run(const Packet& packet) const {
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  const PacketView view{packet.captured.data(),
                        static_cast<std::uint32_t>(std::min(packet.captured.size(), kMost)),
                        packet.wire_length};
  return run_threaded(code_->threaded, view, &packet);
}

void Interpreter::run_batch(std::span<const PacketView> packets,
                            std::span<std::uint32_t> verdicts) const {
  if (!packets.empty()) run_threaded(code_->threaded, packets, verdicts.data());
}

}  // namespace bpfc
