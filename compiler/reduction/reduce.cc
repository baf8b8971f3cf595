// Passes know what they look for. Here nothing is looked for: an instruction is left out, a test
// taken for decided, or a way led past what stands next on it, and the prover says whether any
// packet can tell. What a packet has told once is asked of the next attempts first, so that nearly
// all of those that are wrong cost no proof.
//
//   ldb [9]; jeq #0x11; ...         that the protocol is UDP is known from another test:
//   take the test for decided       no packet tells: the test goes, and the load with it
//
// An attempt counts if it makes the program cheaper, so each that is kept brings the end nearer.
#include "compiler/reduction/reduce.h"

#include <chrono>
#include <deque>

#include "bpfc/program_cost.h"
#include "bpfc/prove.h"
#include "compiler/reduction/expected_cost.h"
#include "compiler/reduction/steps.h"
#include "peephole/peephole.h"
#include "vm/opcode.h"

namespace bpfc::reduction {
namespace {

constexpr std::size_t kMostInstructions = 300;
constexpr std::size_t kMostProofs = 2000;
// Of one proof, which is to be one of many, and of all.
constexpr std::chrono::milliseconds kLongestProof{200};
constexpr std::chrono::seconds kLongest{3};
// Proofs that gave up, after which the program is taken for one too hard.
constexpr std::size_t kMostUnknown = 20;
// What an instruction more in the program is worth, in executed ones a packet.
constexpr double kInstruction = 0.005;
constexpr double kLeastGain = 1e-6;
constexpr std::size_t kMostWitnesses = 64;

// The same program by the rules of both worlds.
struct Judged {
  VerifiedProgram kernel;
  VerifiedProgram libpcap;
};

std::optional<Judged> judged(const Program& program) {
  auto kernel = verify(program, Rules::kKernel);
  auto libpcap = verify(program, Rules::kLibpcap);
  if (!kernel || !libpcap) return std::nullopt;
  return Judged{std::move(*kernel), std::move(*libpcap)};
}

double cost_of(const VerifiedProgram& program, const Profile* profile) {
  const double executed =
      profile != nullptr ? counted_cost(program, *profile) : guessed_cost(program);
  return executed + kInstruction * static_cast<double>(program.program().size());
}

class Reducer {
 public:
  Reducer(Judged program, const Profile* profile)
      : profile_(profile),
        original_(program),
        best_(std::move(program)),
        cost_(cost_of(best_.kernel, profile)) {}

  Program run() {
    bool changed = true;
    while (changed && may_go_on()) {
      changed = false;
      // From the end: what stands there has fewest ways on.
      for (auto i = static_cast<std::uint32_t>(best_.kernel.decoded().size());
           i-- > 0 && may_go_on();) {
        if (i < best_.kernel.decoded().size() && change_at(i)) changed = true;
      }
    }
    return best_.kernel.program();
  }

 private:
  bool may_go_on() const {
    return proofs_ < kMostProofs && unknown_ < kMostUnknown &&
           std::chrono::steady_clock::now() - began_ < kLongest;
  }

  Steps steps() const {
    const auto decoded = best_.kernel.decoded();
    return {decoded.begin(), decoded.end()};
  }

  // Whether the program has become cheaper by some change there.
  bool change_at(std::uint32_t i) {
    const Steps now = steps();
    const DecodedInstruction& step = now[i];
    if (returns(step)) return false;
    if (!branches(step)) {
      Steps without = now;
      skip(without[i], step.on_true);
      return !jumps(step) && try_out(without);
    }
    for (const std::uint32_t way : {step.on_true, step.on_false}) {
      Steps decided = now;
      skip(decided[i], way);
      if (try_out(decided)) return true;
    }
    for (const bool taken : {true, false}) {
      const std::uint32_t way = taken ? step.on_true : step.on_false;
      for (const std::uint32_t target : {now[way].on_true, now[way].on_false}) {
        if (returns(now[way]) || target <= way) continue;
        Steps shorter = now;
        (taken ? shorter[i].on_true : shorter[i].on_false) = target;
        if (try_out(shorter)) return true;
      }
      for (auto target = static_cast<std::uint32_t>(now.size()); --target > way;) {
        if (!may_stand_for(now, way, target)) continue;
        Steps elsewhere = now;
        (taken ? elsewhere[i].on_true : elsewhere[i].on_false) = target;
        if (try_out(elsewhere)) return true;
      }
    }
    return false;
  }

  // Whether it is worth a try to go on at `target` instead: at a return, or at the same
  // instruction.
  static bool may_stand_for(const Steps& steps, std::uint32_t way, std::uint32_t target) {
    if (returns(steps[target])) return true;
    return steps[target].operation == steps[way].operation && steps[target].k == steps[way].k;
  }

  // Takes the steps if they are cheaper and the same filter.
  bool try_out(const Steps& steps) {
    auto program = assembled(steps);
    if (!program) return false;
    auto next = judged(peephole::shortened(*program));
    if (!next) return false;
    const double cost = cost_of(next->kernel, profile_);
    if (cost > cost_ - kLeastGain || told_apart(*next)) return false;
    if (!proved(original_.kernel, next->kernel) || !proved(original_.libpcap, next->libpcap)) {
      return false;
    }
    best_ = std::move(*next);
    cost_ = cost;
    return true;
  }

  bool told_apart(const Judged& next) const {
    for (const Witness& witness : witnesses_) {
      const Packet packet = witness.view();
      if (interpret(next.kernel, packet) != interpret(original_.kernel, packet) ||
          interpret(next.libpcap, packet) != interpret(original_.libpcap, packet)) {
        return true;
      }
    }
    return false;
  }

  bool proved(const VerifiedProgram& first, const VerifiedProgram& second) {
    ++proofs_;
    ProofOptions options;
    options.timeout = kLongestProof;
    auto proof = equivalence(first, second, options);
    if (!proof || proof->answer == Answer::kUnknown) {
      ++unknown_;
      return false;
    }
    if (proof->answer == Answer::kYes) return true;
    if (proof->witness) {
      witnesses_.push_front(std::move(*proof->witness));
      if (witnesses_.size() > kMostWitnesses) witnesses_.pop_back();
    }
    return false;
  }

  const Profile* profile_;
  Judged original_;
  Judged best_;
  double cost_;
  std::deque<Witness> witnesses_;  // the latest first
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::size_t proofs_ = 0;
  std::size_t unknown_ = 0;
};

}  // namespace

Program reduced(const Program& program, const Profile* profile) {
  if (program.size() > kMostInstructions) return program;
  auto start = judged(program);
  if (!start || !measure_paths(start->kernel)) return program;
  if (profile != nullptr && profile->size() == 0) profile = nullptr;
  return Reducer(std::move(*start), profile).run();
}

bool never_worse(const Program& first, const Program& second) {
  const auto one = verify(first, Rules::kKernel);
  const auto other = verify(second, Rules::kKernel);
  if (!one || !other || first.size() > second.size()) return false;
  const auto ways = measure_paths(*one);
  const auto other_ways = measure_paths(*other);
  return ways && other_ways && ways->whole.shortest <= other_ways->whole.shortest &&
         ways->whole.longest <= other_ways->whole.longest;
}

std::optional<double> cost(const Program& program, const Profile* profile) {
  const auto verified = verify(program, Rules::kKernel);
  if (!verified || !measure_paths(*verified)) return std::nullopt;
  if (profile != nullptr && profile->size() == 0) profile = nullptr;
  return cost_of(*verified, profile);
}

}  // namespace bpfc::reduction
