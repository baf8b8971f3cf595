// Which parts of a filter match packets of one IP version only.
#pragma once

#include <vector>

#include "compiler/warning/tree.h"

namespace bpfc::warning {

enum class Family : std::uint8_t { kIp4, kIp6 };

// Sees what is easy to see: `ip`, `icmp[0] = 8`, `host 10.0.0.1`, `not ip6`, and what `and` joins
// with such. What is neither IPv4 nor IPv6 does not matter, and ARP counts as IPv4. tcp[], udp[]
// and sctp[], IPv4 though they are, do not count. Linear.
class FamilyLimits {
 public:
  FamilyLimits(const Tree& tree, Family family);

  // Whether packets of the other family are no matter here: the node matches none of them, or what
  // it is joined with by `and` does not.
  bool limited(ast::NodeIndex node) const { return around_[node] || within_[node]; }

 private:
  std::vector<bool> within_;  // by node: it matches no packet of the other family
  std::vector<bool> around_;  // by node: something around it does not
};

}  // namespace bpfc::warning
