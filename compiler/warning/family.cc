#include "compiler/warning/family.h"

#include <algorithm>
#include <array>

#include "compiler/protocol_numbers.h"

namespace bpfc::warning {
namespace {

using ast::Protocol;

constexpr std::array kIp4Protocols = {Protocol::kIp,   Protocol::kArp,  Protocol::kRarp,
                                      Protocol::kIcmp, Protocol::kIgmp, Protocol::kIgrp,
                                      Protocol::kVrrp, Protocol::kCarp};
constexpr std::array kIp6Protocols = {Protocol::kIp6, Protocol::kIcmp6};

bool is_of(Family family, Protocol protocol) {
  const auto contains = [protocol](const auto& list) {
    return std::find(list.begin(), list.end(), protocol) != list.end();
  };
  return family == Family::kIp4 ? contains(kIp4Protocols) : contains(kIp6Protocols);
}

bool is_address(const ast::Identified& identified) {
  switch (identified.qualifiers.type) {
    case ast::AddressType::kDefault:
    case ast::AddressType::kHost:
    case ast::AddressType::kNet:
      return true;
    default:
      return false;
  }
}

class Within {
 public:
  Within(const ast::Filter& filter, Family family) : filter_(filter), family_(family) {}

  bool operator()(const ast::Identified& identified) const {
    if (is_of(family_, identified.qualifiers.protocol)) return true;
    if (identified.qualifiers.protocol == Protocol::kLink) {
      const bool ip4 = family_ == Family::kIp4;
      return identified.qualifiers.type == ast::AddressType::kProto &&
             (identified.kind == ast::IdentifierKind::kNumber
                  ? identified.number == (ip4 ? ethertype::kIp : ethertype::kIp6)
                  : filter_.text(identified.text) == (ip4 ? "ip" : "ip6"));
    }
    if (identified.qualifiers.protocol != Protocol::kDefault || !is_address(identified)) {
      return false;
    }
    const bool ip4 = identified.kind == ast::IdentifierKind::kIpv4 ||
                     identified.kind == ast::IdentifierKind::kNumber;
    return family_ == Family::kIp4 ? ip4 : identified.kind == ast::IdentifierKind::kIpv6;
  }
  bool operator()(const ast::Abbreviation& abbreviation) const {
    return is_of(family_, abbreviation.protocol);
  }
  bool operator()(const ast::Cast& cast) const { return is_of(family_, cast.protocol); }
  bool operator()(const ast::Relation& relation) const {
    bool found = false;
    for_each_accessor(filter_, relation, [&](const ast::Accessor& accessor) {
      found = found || is_of(family_, accessor.protocol);
    });
    return found;
  }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  const ast::Filter& filter_;
  Family family_;
};

}  // namespace

FamilyLimits::FamilyLimits(const Tree& tree, Family family)
    : within_(tree.filter().nodes.size(), false), around_(within_.size(), false) {
  const Within leaf(tree.filter(), family);
  // Children stand before their parents. before[k] of a chain: its part up to operand k.
  const auto parts = [&](ast::NodeIndex chain) {
    const auto links = tree.links(chain);
    std::vector<bool> before(links.size());
    before[0] = within_[links[0].operand];
    for (std::size_t k = 1; k < links.size(); ++k) {
      const bool own = within_[links[k].operand];
      const bool both = links[k].connective == ast::Connective::kAnd;
      before[k] = both ? before[k - 1] || own : before[k - 1] && own;
    }
    return before;
  };
  for (ast::NodeIndex node = 0; node < within_.size(); ++node) {
    if (const auto* negation = tree.get<ast::Not>(node)) {
      // `not ip6`.
      const auto* other = tree.get<ast::Abbreviation>(negation->operand);
      within_[node] = other != nullptr &&
                      other->protocol == (family == Family::kIp4 ? Protocol::kIp6 : Protocol::kIp);
    } else {
      within_[node] = tree.get<ast::Chain>(node) != nullptr ? parts(node).back()
                                                            : std::visit(leaf, tree[node].value);
    }
  }
  for (ast::NodeIndex node = static_cast<ast::NodeIndex>(within_.size()); node-- > 0;) {
    if (const auto* negation = tree.get<ast::Not>(node)) around_[negation->operand] = around_[node];
    if (tree.get<ast::Chain>(node) == nullptr) continue;
    const auto links = tree.links(node);
    const std::vector<bool> before = parts(node);
    // What follows an operand by `and` limits all that stands before it.
    bool after = around_[node];
    for (std::size_t k = links.size(); k-- > 0;) {
      const bool joined = k > 0 && links[k].connective == ast::Connective::kAnd;
      around_[links[k].operand] = after || (joined && before[k - 1]);
      after = after || (joined && within_[links[k].operand]);
    }
  }
}

}  // namespace bpfc::warning
