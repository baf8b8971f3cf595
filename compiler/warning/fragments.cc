// The ports of a datagram are in its first fragment; the later ones match no port.
#include <algorithm>
#include <optional>
#include <string>

#include "compiler/warning/family.h"
#include "compiler/warning/proof.h"
#include "compiler/warning/warning.h"

namespace bpfc::warning {
namespace {

using ast::Protocol;

constexpr std::string_view kLaterFragment = "ip[6:2] & 0x1fff != 0";

bool is_port(const Tree& tree, ast::NodeIndex node) {
  const auto* identified = tree.get<ast::Identified>(node);
  return identified != nullptr && (identified->qualifiers.type == ast::AddressType::kPort ||
                                   identified->qualifiers.type == ast::AddressType::kPortRange);
}

// Whoever tests the fragment offset knows.
bool tests_fragments(const ast::Filter& filter) {
  return std::any_of(filter.arithmetic.begin(), filter.arithmetic.end(), [&](const auto& node) {
    const auto* accessor = std::get_if<ast::Accessor>(&node.value);
    if (accessor == nullptr || accessor->protocol != Protocol::kIp) return false;
    const auto* index = std::get_if<ast::Number>(&filter.arithmetic[accessor->index].value);
    return index != nullptr && (index->value == 6 || index->value == 7);
  });
}

std::string later_fragments(Protocol protocol) {
  std::string text(kLaterFragment);
  switch (protocol) {
    case Protocol::kTcp:
      return "(ip proto 6 and " + text + ")";
    case Protocol::kUdp:
      return "(ip proto 17 and " + text + ")";
    case Protocol::kSctp:
      return "(ip proto 132 and " + text + ")";
    default:
      return "(ip proto (6 or 17 or 132) and " + text + ")";
  }
}

bool is_negated(const Tree& tree, ast::NodeIndex node) {
  for (; node != kNone; node = tree.parent(node)) {
    if (tree.get<ast::Not>(node) != nullptr) return true;
  }
  return false;
}

// The ports and what inherits from them, as far as `or` joins them: `tcp port 80 or 443`.
SourceRange alternatives(const Tree& tree, ast::NodeIndex port) {
  const ast::NodeIndex parent = tree.parent(port);
  if (parent == kNone || tree.get<ast::Chain>(parent) == nullptr) return tree[port].range;
  const auto links = tree.links(parent);
  const std::uint32_t first = tree.position(port);
  const auto& qualifiers = std::get<ast::Identified>(tree[port].value).qualifiers;
  if (qualifiers.range.begin < tree[port].range.begin) {
    // `port (80 or 443)`.
    const bool all =
        first == 0 && tree.all_links(parent, 1, static_cast<std::uint32_t>(links.size() - 1),
                                     ast::Connective::kOr);
    return all ? tree[parent].range : tree[port].range;
  }
  std::uint32_t last = first;
  const bool alone = first > 0 && links[first].connective == ast::Connective::kAnd;
  while (!alone && last + 1 < links.size() && links[last + 1].connective == ast::Connective::kOr) {
    const auto* next = tree.get<ast::Identified>(links[last + 1].operand);
    if (next == nullptr || !next->inherited) break;
    ++last;
  }
  return cover(tree[port].range, tree[links[last].operand].range);
}

}  // namespace

std::vector<Diagnostic> fragments(const Tree& tree, const CompileOptions& options) {
  std::optional<FamilyLimits> ip6;
  for (ast::NodeIndex node = 0; node < tree.filter().nodes.size(); ++node) {
    if (!is_port(tree, node)) continue;
    if (!ip6) ip6.emplace(tree, Family::kIp6);
    if (ip6->limited(node)) continue;
    if (tests_fragments(tree.filter()) || !can_match("ip", options)) return {};
    const SourceRange range = alternatives(tree, node);
    const std::string later =
        later_fragments(std::get<ast::Identified>(tree[node].value).qualifiers.protocol);
    return {{DiagnosticCode::kWarnFragments, range,
             "of a fragmented IPv4 packet only the first fragment has ports: the others never "
             "match",
             // Behind a `not` they match, which may be meant.
             is_negated(tree, node)
                 ? std::string()
                 : tree.replace(range, {"(", range, " or ", std::string_view(later), ")"})}};
  }
  return {};
}

}  // namespace bpfc::warning
