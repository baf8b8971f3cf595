#include "judge/user_engine.h"

#include <algorithm>
#include <utility>

namespace bpfc::judge {
namespace {

// As many as vectors hold, and one that is left over.
constexpr std::size_t kCopies = 17;

std::optional<Jit> machine_code(const VerifiedProgram& program) {
  auto compiled = Jit::compile(program);
  if (!compiled) return std::nullopt;
  return *std::move(compiled);
}

}  // namespace

const char* to_string(UserEngine engine) {
  switch (engine) {
    case UserEngine::kReference:
      break;
    case UserEngine::kInterpreter:
      return "prepared interpreter";
    case UserEngine::kJit:
      return "JIT";
    case UserEngine::kBatch:
      return "JIT, batch";
  }
  return "interpreter";
}

UserEngines::UserEngines(const VerifiedProgram& program)
    : program_(&program), interpreter_(program), jit_(machine_code(program)) {}

bool UserEngines::run_batch(std::span<const PacketView> packets,
                            std::span<std::uint32_t> verdicts) const {
  if (!jit_) return false;
  jit_->run_batch(packets, verdicts);
  return true;
}

std::optional<std::uint32_t> UserEngines::run(UserEngine engine, const Packet& packet) const {
  switch (engine) {
    case UserEngine::kReference:
      break;
    case UserEngine::kInterpreter:
      return interpreter_.run(packet);
    case UserEngine::kJit:
      if (!jit_) return std::nullopt;
      return jit_->run(packet);
    case UserEngine::kBatch: {
      // A PacketView holds no more than bytes.
      if (packet.ancillary != nullptr || packet.network_offset != 0 || packet.link_offset != 0) {
        return std::nullopt;
      }
      std::array<PacketView, kCopies> copies;
      copies.fill({packet.captured.data(), static_cast<std::uint32_t>(packet.captured.size()),
                   packet.wire_length});
      std::array<std::uint32_t, kCopies> verdicts{};
      if (!run_batch(copies, verdicts)) return std::nullopt;
      // Should they differ, one that is wrong counts.
      const std::uint32_t expected = interpret(*program_, packet);
      const auto* wrong =
          std::ranges::find_if(verdicts, [&](std::uint32_t one) { return one != expected; });
      return wrong == verdicts.end() ? expected : *wrong;
    }
  }
  return interpret(*program_, packet);
}

}  // namespace bpfc::judge
