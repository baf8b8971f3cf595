// What libpcap's optimizer knows of a filter. It goes in rounds, until one changes nothing:
//   - An edge leads past the test behind it where an edge that all ways to it pass is an outcome of
//     the same test, or of the test of the same value for equality with another constant, and the
//     two were equal (rejects/jump_threading.h).
//   - Tests of the same value are moved together (rejects/pull_up.h).
// What can then be reached from the root is what libpcap is left with. The order in which libpcap
// visits its blocks, and what it does not compute anew in between, are part of the model: now and
// then they lead it to another program, which still accepts.
//
//   `tcp and udp`: behind `ip proto tcp` the test `ip proto udp` is decided, on the edges that come
//     from there and from ip6 likewise: nothing reaches accept. Refused.
//   `port 80 and icmp`: three edges (sctp, tcp, udp) meet in the test of ports, so none of them
//     dominates what comes behind it. Not refused, though nothing matches.
//   `((ip or arp) and byte 23 = 17) and ip6`: ip's edge and arp's meet in the test of the byte. The
//     test of ip6, which looks at what they looked at, is pulled up past it, and decided on both.
//   802.11: the length of the header takes tests to compute, before the filter's own. libpcap lets
//     such a filter be, and here its root stays.
#include "compiler/rejects_all.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "compiler/rejects/block.h"
#include "compiler/rejects/jump_threading.h"
#include "compiler/rejects/pull_up.h"

namespace bpfc {
namespace {

using namespace rejects;

constexpr std::size_t kMostNodes = 1500;
constexpr int kMostRounds = 200;
constexpr int kMostPulledUp = 4000;
// Rounds after each other that do nothing but move tests and edges about; then libpcap stops.
constexpr int kMostIdleRounds = 100;

void optimize(std::vector<Block>& blocks) {
  int budget = kMostPulledUp;
  int idle_rounds = 0;
  for (int round = 0; round < kMostRounds && idle_rounds < kMostIdleRounds; ++round) {
    const Levels levels = find_levels(blocks);
    SetTable dominators = find_dominators(blocks, levels);
    const SetTable edge_dominators = find_edge_dominators(blocks, levels);
    simplify_tests(blocks, round);
    const Threaded threaded = thread_edges(blocks, levels, edge_dominators);
    const bool pulled_up = pull_up_tests(blocks, levels, std::move(dominators), budget);
    if (round >= 2 && !threaded.past_one_way && !threaded.past_known_test && !pulled_up) break;
    idle_rounds = threaded.past_one_way ? 0 : idle_rounds + 1;
  }
}

bool is_rejection(const std::vector<Block>& blocks) {
  const Block* at = &blocks[0];
  for (std::size_t steps = 0; steps < blocks.size() && at->kind != BlockKind::kReturn; ++steps) {
    if (at->late_outcome) {
      at = &blocks[at->next[*at->late_outcome]];
    } else if (at->next[kTrue] == at->next[kFalse]) {
      at = &blocks[at->next[kTrue]];
    } else {
      return false;
    }
  }
  return at->kind == BlockKind::kReturn && !at->accepts;
}

// libpcap does not optimize a filter with a protocol chain or a tunnel, wherever it stands.
bool stays_unoptimized(const ast::Filter& filter) {
  return std::any_of(filter.nodes.begin(), filter.nodes.end(), [](const ast::Node& node) {
    if (const auto* encapsulation = std::get_if<ast::Encapsulation>(&node.value)) {
      return encapsulation->kind == ast::EncapsulationKind::kGeneve ||
             encapsulation->kind == ast::EncapsulationKind::kVxlan;
    }
    const auto* identified = std::get_if<ast::Identified>(&node.value);
    return identified != nullptr && identified->qualifiers.type == ast::AddressType::kProtochain;
  });
}

}  // namespace

bool libpcap_refuses(const ast::Filter& filter, const LinkRules& link, const ir::Graph& lowered) {
  if (link.unoptimized_in_libpcap || stays_unoptimized(filter)) return false;
  if (lowered.root >= kMostNodes) return true;
  std::vector<Block> blocks = make_blocks(lowered);
  optimize(blocks);
  return is_rejection(blocks);
}

}  // namespace bpfc
