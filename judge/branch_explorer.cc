#include "judge/branch_explorer.h"

#include <algorithm>
#include <array>

#include "judge/steer.h"
#include "vm/opcode.h"

namespace bpfc::judge {
namespace {

constexpr std::uint64_t kStepsForDetours = 1'000'000;
constexpr unsigned kAttempts = 10;
constexpr unsigned kRepairs = 6;
constexpr int kLoadsExtendedFor = 16;
constexpr int kWalkLength = 12;
constexpr std::size_t kMostKept = 1024;
constexpr std::size_t kLongestExtension = 70'000;
constexpr std::array<std::size_t, 4> kBlankSizes{64, 128, 14, 0};

bool loads_ancillary_data(const VerifiedProgram& program) {
  return std::any_of(program.decoded().begin(), program.decoded().end(),
                     [](const DecodedInstruction& now) {
                       return info(now.operation).format == OperandFormat::kAbsolute &&
                              find_ancillary(now.k).has_value();
                     });
}

// The first of the decisions up to `at` that does not go as on the path, which turns there; `at` +
// 1 if all do.
std::size_t first_departure(const Trace& trace, const Trace& path, std::size_t at) {
  for (std::size_t i = 0; i <= at; ++i) {
    if (i >= trace.decisions.size()) return i;
    if (trace.decisions[i].taken != (path.decisions[i].taken != (i == at))) return i;
  }
  return at + 1;
}

// Gives the packet the bytes that the run on it was wanting. False: it wants none, or too many.
bool extend(TestPacket& packet, const Trace& run) {
  if (!run.missing_end || *run.missing_end > kLongestExtension) return false;
  packet.bytes.resize(*run.missing_end);
  packet.wire_length =
      std::max(packet.wire_length, static_cast<std::uint32_t>(packet.bytes.size()));
  return true;
}

}  // namespace

BranchExplorer::BranchExplorer(std::span<const VerifiedProgram* const> programs, std::uint64_t seed,
                               std::uint64_t effort)
    : random_(seed), steps_left_(effort) {
  for (const VerifiedProgram* program : programs) {
    subjects_.push_back({program, BranchCoverage(*program), BranchCoverage(*program)});
    with_ancillary_ = with_ancillary_ || loads_ancillary_data(*program);
  }
}

TestPacket BranchExplorer::blank(std::size_t size) const {
  TestPacket packet{.bytes = std::vector<std::uint8_t>(size),
                    .wire_length = static_cast<std::uint32_t>(size),
                    .ancillary = std::nullopt};
  if (with_ancillary_) {
    packet.ancillary.emplace();
    packet.ancillary->interface_index = 1;
    packet.ancillary->hardware_type = 1;
  }
  return packet;
}

void BranchExplorer::run(const Subject& subject, const TestPacket& packet, Trace& result) {
  trace(*subject.program, packet.view(), result);
  steps_left_ -= std::min(steps_left_, result.steps);
}

bool BranchExplorer::observe(const TestPacket& packet) {
  bool found = false;
  for (Subject& subject : subjects_) {
    trace(*subject.program, packet.view(), trace_);
    found = subject.coverage.add(trace_) || found;
  }
  return found;
}

bool BranchExplorer::keep_if_new(const TestPacket& packet) {
  if (!observe(packet)) return false;
  if (kept_.size() < kMostKept) kept_.push_back(packet);
  return true;
}

bool BranchExplorer::complete() const {
  return std::all_of(subjects_.begin(), subjects_.end(), [](const Subject& subject) {
    return subject.coverage.reached() == subject.coverage.total();
  });
}

void BranchExplorer::learn(const TestPacket& packet) {
  TestPacket known = packet;
  if (!known.ancillary) known.ancillary = blank(0).ancillary;
  // The first ones also if they go known ways: they are the likest to what will come.
  constexpr std::size_t kFirst = 8;
  if (!keep_if_new(known) && kept_.size() < kFirst) kept_.push_back(std::move(known));
}

// Changes the packet until its run goes as `path` does up to the decision `at`, and there the other
// way. What a change breaks before is mended, or another change tried.
bool BranchExplorer::turn(Subject& subject, const TestPacket& from, const Trace& path,
                          std::size_t at, TestPacket& turned) {
  const Rules rules = subject.program->rules();
  std::array<Trace, 2> runs;
  for (unsigned attempt = 0; attempt < kAttempts && steps_left_ > 0; ++attempt) {
    turned = from;
    const Trace* last = &path;
    std::size_t departure = at;
    for (unsigned repair = 0; repair < kRepairs; ++repair) {
      if (departure < last->decisions.size()) {
        const bool wanted = path.decisions[departure].taken != (departure == at);
        const unsigned choice = repair == 0 ? attempt : static_cast<unsigned>(random_.below(8));
        if (!steer(*last, last->decisions[departure], wanted, rules, choice, random_, turned)) {
          break;
        }
      } else if (!extend(turned, *last)) {
        break;
      }
      Trace& next = runs[repair % 2];
      run(subject, turned, next);
      departure = first_departure(next, path, at);
      if (departure > at) return true;
      last = &next;
    }
  }
  return false;
}

// Turns every branch on the packet's way that has not been seen to go the other way.
void BranchExplorer::look_around(Subject& subject, const TestPacket& from) {
  Trace path;
  run(subject, from, path);
  for (std::size_t i = 0; i < path.decisions.size() && steps_left_ > 0; ++i) {
    const Decision& decision = path.decisions[i];
    if (subject.coverage.has(decision.instruction, !decision.taken)) continue;
    TestPacket turned;
    if (turn(subject, from, path, i, turned)) keep_if_new(turned);
  }
  // Several loads may want more before the next branch.
  TestPacket longer = from;
  for (int load = 0; load < kLoadsExtendedFor && extend(longer, path); ++load) {
    if (keep_if_new(longer)) return;
    run(subject, longer, path);
  }
}

// A random walk: turns any branches of changed packets, and looks from there.
void BranchExplorer::wander() {
  if (kept_.empty()) return;
  Subject& subject = subjects_[random_.below(subjects_.size())];
  TestPacket here = kept_[random_.below(kept_.size())];
  if (random_.one_in(2)) change(here);
  for (int step = 0; step < kWalkLength && steps_left_ > 0; ++step) {
    keep_if_new(here);
    look_around(subject, here);
    Trace path;
    run(subject, here, path);
    // A path without a decision takes as long as no step at all.
    steps_left_ -= std::min<std::uint64_t>(steps_left_, 10);
    if (path.decisions.empty()) return;
    TestPacket turned;
    if (turn(subject, here, path, random_.below(path.decisions.size()), turned)) {
      here = std::move(turned);
    } else {
      change(here);
    }
  }
}

// Makes a packet that has left the accepted path at the decision `after` decide again as the path
// did, where it comes by the same branches; where it comes by others only, chance turns one.
void BranchExplorer::rejoin(const Subject& subject, const Trace& path, std::size_t after,
                            TestPacket& packet) {
  constexpr unsigned kSteps = 24;
  const auto of_path = [&](const Decision& decision) {
    return std::find_if(path.decisions.begin(), path.decisions.end(), [&](const Decision& other) {
      return other.instruction == decision.instruction;
    });
  };
  const auto is_strange = [&](const Decision& decision) {
    return of_path(decision) == path.decisions.end();
  };
  const auto went_otherwise = [&](const Decision& decision) {
    const auto same = of_path(decision);
    return same != path.decisions.end() &&
           same - path.decisions.begin() > static_cast<std::ptrdiff_t>(after) &&
           same->taken != decision.taken;
  };
  for (unsigned step = 0; step < kSteps && steps_left_ > 0; ++step) {
    run(subject, packet, trace_);
    if (trace_.verdict != 0) return;
    if (extend(packet, trace_)) continue;
    auto wrong = std::find_if(trace_.decisions.begin(), trace_.decisions.end(), went_otherwise);
    if (wrong == trace_.decisions.end()) {
      const auto strange =
          std::count_if(trace_.decisions.begin(), trace_.decisions.end(), is_strange);
      if (strange == 0) return;
      wrong = std::find_if(trace_.decisions.begin(), trace_.decisions.end(), is_strange);
      for (auto skipped = random_.below(static_cast<std::size_t>(strange)); skipped > 0;
           --skipped) {
        wrong = std::find_if(wrong + 1, trace_.decisions.end(), is_strange);
      }
    }
    steer(trace_, *wrong, !wrong->taken, subject.program->rules(),
          static_cast<unsigned>(random_.below(8)), random_, packet);
  }
}

// Turns every branch on the way of a packet that is accepted which no accepted one has turned, and
// comes back to the way.
void BranchExplorer::detour(Subject& subject, const TestPacket& from) {
  Trace path;
  run(subject, from, path);
  if (path.verdict == 0) return;
  subject.accepting.add(path);
  for (std::size_t i = 0; i < path.decisions.size() && steps_left_ > 0; ++i) {
    const Decision& decision = path.decisions[i];
    if (subject.accepting.has(decision.instruction, !decision.taken)) continue;
    TestPacket turned;
    if (!turn(subject, from, path, i, turned)) continue;
    rejoin(subject, path, i, turned);
    run(subject, turned, trace_);
    if (trace_.verdict == 0 || !subject.accepting.add(trace_)) continue;
    if (kept_.size() < kMostKept) kept_.push_back(std::move(turned));
  }
}

void BranchExplorer::explore() {
  for (const std::size_t size : kBlankSizes) {
    const TestPacket packet = blank(size);
    if (!keep_if_new(packet)) kept_.push_back(packet);
  }
  // What is kept meanwhile is looked at too.
  std::size_t next = 0;
  const auto explore_kept = [&] {
    for (; next < kept_.size() && steps_left_ > 0; ++next) {
      const TestPacket packet = kept_[next];
      for (Subject& subject : subjects_) look_around(subject, packet);
    }
  };
  explore_kept();
  while (!complete() && steps_left_ > 0) {
    wander();
    explore_kept();
  }
  // The search may have used up all the steps.
  steps_left_ = std::max(steps_left_, kStepsForDetours);
  for (std::size_t i = 0; i < kept_.size() && steps_left_ > 0; ++i) {
    const TestPacket packet = kept_[i];
    for (Subject& subject : subjects_) detour(subject, packet);
  }
}

void BranchExplorer::change(TestPacket& packet) {
  const bool whole = packet.is_whole();
  const Subject& subject = subjects_[random_.below(subjects_.size())];
  switch (random_.below(8)) {
    case 0:
      if (packet.bytes.empty()) break;
      packet.bytes[random_.below(packet.bytes.size())] = random_.byte();
      break;
    case 1:
      if (packet.bytes.empty()) break;
      packet.bytes[random_.below(packet.bytes.size())] ^=
          static_cast<std::uint8_t>(1U << random_.below(8));
      break;
    case 2:
      packet.bytes.resize(random_.below(packet.bytes.size() + 1));
      break;
    case 3:
      for (auto more = random_.below(64); more > 0; --more) packet.bytes.push_back(random_.byte());
      break;
    case 4:
      packet.wire_length = static_cast<std::uint32_t>(packet.bytes.size() + random_.below(100));
      return;
    case 5: {
      // A byte that the program has looked at.
      run(subject, packet, trace_);
      const Term& term = trace_.terms[random_.below(trace_.terms.size())];
      if (term.kind == TermKind::kBytes) {
        packet.bytes[term.position + random_.below(term.size)] = random_.byte();
      }
      break;
    }
    default: {
      run(subject, packet, trace_);
      if (trace_.decisions.empty()) break;
      const Decision& decision = trace_.decisions[random_.below(trace_.decisions.size())];
      steer(trace_, decision, random_.one_in(2), subject.program->rules(),
            static_cast<unsigned>(random_.below(8)), random_, packet);
      return;
    }
  }
  if (whole) packet.wire_length = static_cast<std::uint32_t>(packet.bytes.size());
}

void BranchExplorer::change_on_the_way(TestPacket& packet) {
  const Subject& subject = subjects_[random_.below(subjects_.size())];
  Trace path;
  run(subject, packet, path);
  change(packet);
  for (unsigned repair = 0; repair < kRepairs; ++repair) {
    run(subject, packet, trace_);
    std::size_t departure = 0;
    while (departure < path.decisions.size() && departure < trace_.decisions.size() &&
           path.decisions[departure].taken == trace_.decisions[departure].taken) {
      ++departure;
    }
    if (departure == path.decisions.size()) return;
    if (departure == trace_.decisions.size()) {
      if (!extend(packet, trace_)) return;
    } else if (!steer(trace_, trace_.decisions[departure], path.decisions[departure].taken,
                      subject.program->rules(), static_cast<unsigned>(random_.below(8)), random_,
                      packet)) {
      return;
    }
  }
}

}  // namespace bpfc::judge
