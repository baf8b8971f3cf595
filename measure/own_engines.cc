#include "measure/own_engines.h"

#include <array>
#include <memory>
#include <numeric>

#include "bpfc/interpreter.h"
#include "bpfc/jit.h"

namespace bpfc::measure {
namespace {

using Prepared = Expected<Contender, std::string>;
using Packets = std::span<const PacketView>;

Prepared plain(const VerifiedProgram& program) {
  auto owned = std::make_shared<const VerifiedProgram>(program);
  return Contender{"plain", [owned](Packets packets) {
                     return sum_of_verdicts(packets, [&](const PacketView& packet) {
                       return interpret(*owned, to_packet(packet));
                     });
                   }};
}

Prepared prepared_interpreter(const VerifiedProgram& program) {
  auto interpreter = std::make_shared<const Interpreter>(program);
  return Contender{"interpreter", [interpreter](Packets packets) {
                     return sum_of_verdicts(packets, [&](const PacketView& packet) {
                       return interpreter->run(packet);
                     });
                   }};
}

Expected<std::shared_ptr<const Jit>, std::string> compiled(const VerifiedProgram& program) {
  auto jit = Jit::compile(program);
  if (!jit) return tl::unexpected(jit.error());
  return std::make_shared<const Jit>(std::move(*jit));
}

Prepared jit(const VerifiedProgram& program) {
  const auto made = compiled(program);
  if (!made) return tl::unexpected(made.error());
  return Contender{"jit", [owned = *made](Packets packets) {
                     const Jit::Function function = owned->function();
                     return sum_of_verdicts(packets, [function](const PacketView& packet) {
                       return function(packet.data, packet.captured, packet.length, nullptr);
                     });
                   }};
}

Prepared jit_batch(const VerifiedProgram& program) {
  const auto made = compiled(program);
  if (!made) return tl::unexpected(made.error());
  auto verdicts = std::make_shared<std::vector<std::uint32_t>>();
  return Contender{"jit batch", [owned = *made, verdicts](Packets packets) {
                     verdicts->resize(packets.size());
                     owned->run_batch(packets, *verdicts);
                     return std::accumulate(verdicts->begin(), verdicts->end(), std::uint64_t{0});
                   }};
}

constexpr auto kEngines = std::to_array<OwnEngine>({
    {"plain", "interpret(): one instruction after the other", plain},
    {"interpreter", "class Interpreter", prepared_interpreter},
    {"jit", "class Jit, one packet at a time", jit},
    {"jit batch", "Jit::run_batch()", jit_batch},
});

}  // namespace

std::span<const OwnEngine> own_engines() { return kEngines; }

}  // namespace bpfc::measure
