#include "tests/judge/engines.h"

#include <memory>
#include <utility>
#include <vector>

#include "bpfc/interpreter.h"
#include "bpfc/jit.h"

namespace bpfc::testing {
namespace {

std::vector<PacketView> views_of(std::span<const Packet> packets) {
  std::vector<PacketView> views;
  views.reserve(packets.size());
  for (const Packet& packet : packets) {
    views.push_back({packet.captured.data(), static_cast<std::uint32_t>(packet.captured.size()),
                     packet.wire_length});
  }
  return views;
}

// A packet after the other, with all that is known of it.
template <typename Prepared>
Verdicts one_by_one(std::shared_ptr<Prepared> engine) {
  return [engine](std::span<const Packet> packets, std::span<std::uint32_t> verdicts) {
    for (std::size_t i = 0; i < packets.size(); ++i) verdicts[i] = engine->run(packets[i]);
  };
}

template <typename Prepared>
Verdicts one_view_by_one(std::shared_ptr<Prepared> engine) {
  return [engine](std::span<const Packet> packets, std::span<std::uint32_t> verdicts) {
    const std::vector<PacketView> views = views_of(packets);
    for (std::size_t i = 0; i < views.size(); ++i) verdicts[i] = engine->run(views[i]);
  };
}

template <typename Prepared>
Verdicts as_batch(std::shared_ptr<Prepared> engine) {
  return [engine](std::span<const Packet> packets, std::span<std::uint32_t> verdicts) {
    engine->run_batch(views_of(packets), verdicts);
  };
}

std::shared_ptr<Interpreter> interpreter(const VerifiedProgram& program) {
  return std::make_shared<Interpreter>(program);
}

std::shared_ptr<Jit> jit(const VerifiedProgram& program, bool vectors) {
  auto compiled = Jit::compile(program, {.vectors = vectors});
  return compiled ? std::make_shared<Jit>(*std::move(compiled)) : nullptr;
}

Verdicts jit_batch(const VerifiedProgram& program, bool vectors) {
  const auto compiled = jit(program, vectors);
  return compiled ? as_batch(compiled) : Verdicts();
}

Verdicts jit_matches(const VerifiedProgram& program) {
  const auto compiled = jit(program, true);
  if (compiled == nullptr) return {};
  return [compiled](std::span<const Packet> packets, std::span<std::uint32_t> verdicts) {
    std::vector<std::uint64_t> matches((packets.size() + 63) / 64);
    compiled->match_batch(views_of(packets), matches);
    for (std::size_t i = 0; i < packets.size(); ++i) {
      verdicts[i] = static_cast<std::uint32_t>(matches[i / 64] >> i % 64 & 1U);
    }
  };
}

constexpr Engine kEngines[] = {
    {"interpreter", true, false,
     [](const VerifiedProgram& program) { return one_by_one(interpreter(program)); }},
    {"interpreter, views", false, false,
     [](const VerifiedProgram& program) { return one_view_by_one(interpreter(program)); }},
    {"interpreter, batch", false, false,
     [](const VerifiedProgram& program) { return as_batch(interpreter(program)); }},
    {"JIT", true, false,
     [](const VerifiedProgram& program) {
       const auto compiled = jit(program, false);
       return compiled ? one_by_one(compiled) : Verdicts();
     }},
    {"JIT, batch", false, false,
     [](const VerifiedProgram& program) { return jit_batch(program, false); }},
    {"JIT, batch in vectors", false, false,
     [](const VerifiedProgram& program) { return jit_batch(program, true); }},
    {"JIT, matches", false, true, jit_matches},
};

}  // namespace

std::span<const Engine> engines() { return kEngines; }

}  // namespace bpfc::testing
