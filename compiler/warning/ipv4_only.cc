// `tcp[13]` is the 14th byte behind an IPv4 header: TCP over IPv6 never matches.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "compiler/protocol_numbers.h"
#include "compiler/warning/family.h"
#include "compiler/warning/proof.h"
#include "compiler/warning/warning.h"

namespace bpfc::warning {
namespace {

using ast::Protocol;

struct Transport {
  Protocol protocol;
  std::string_view name;
  std::uint32_t number;
};
constexpr std::array kTransports = {
    Transport{Protocol::kTcp, "tcp", ip_protocol::kTcp},
    Transport{Protocol::kUdp, "udp", ip_protocol::kUdp},
    Transport{Protocol::kSctp, "sctp", ip_protocol::kSctp},
};

constexpr std::uint32_t kIp6Header = 40;

// Null: not one that IPv6 carries too.
const Transport* transport_of(const ast::Accessor& accessor) {
  const auto* row = std::find_if(
      kTransports.begin(), kTransports.end(),
      [&](const Transport& transport) { return transport.protocol == accessor.protocol; });
  return row == kTransports.end() ? nullptr : row;
}

// Whether the relation tests for the accessor's protocol: an operator keeps the tests of its left
// operand only.
bool is_tested(const ast::Filter& filter, const ast::Relation& relation,
               const ast::Accessor& accessor) {
  for (ast::ArithmeticIndex side : {relation.left, relation.right}) {
    for (;;) {
      const auto& value = filter.arithmetic[side].value;
      if (const auto* binary = std::get_if<ast::Binary>(&value)) {
        side = binary->left;
      } else if (const auto* negate = std::get_if<ast::Negate>(&value)) {
        side = negate->operand;
      } else if (const auto* leftmost = std::get_if<ast::Accessor>(&value)) {
        if (leftmost == &accessor) return true;
        side = leftmost->index;
      } else {
        break;
      }
    }
  }
  return false;
}

// The transport of the relation's first accessor that has one.
const Transport* transport_of(const ast::Filter& filter, const ast::Relation& relation) {
  const Transport* found = nullptr;
  for_each_accessor(filter, relation, [&](const ast::Accessor& accessor) {
    if (found == nullptr && is_tested(filter, relation, accessor)) found = transport_of(accessor);
  });
  return found;
}

// Whoever reads bytes of IPv6 packets knows.
bool reads_ip6(const ast::Filter& filter) {
  return std::any_of(filter.arithmetic.begin(), filter.arithmetic.end(), [](const auto& node) {
    const auto* accessor = std::get_if<ast::Accessor>(&node.value);
    return accessor != nullptr && accessor->protocol == Protocol::kIp6;
  });
}

struct Edit {
  SourceRange range;
  std::string text;
};

// tcp[E] as ip6[40 + E].
void move_behind_ip6(const ast::Filter& filter, const ast::Accessor& accessor,
                     std::vector<Edit>& edits) {
  const std::string_view source = filter.source;
  edits.push_back({accessor.protocol_range, "ip6"});
  const ast::Arithmetic& index = filter.arithmetic[accessor.index];
  const std::string_view text = filter.text(index.range);
  const auto* number = std::get_if<ast::Number>(&index.value);
  if (number != nullptr && std::isdigit(static_cast<unsigned char>(text.front())) != 0) {
    edits.push_back({index.range, fmt::format("{}", kIp6Header + number->value)});
    return;
  }
  const auto inside = static_cast<std::uint32_t>(source.find('[', accessor.protocol_range.end) + 1);
  const bool enclosed =
      source.substr(inside, index.range.begin - inside).find('(') != std::string_view::npos;
  const bool single = number != nullptr || enclosed;
  edits.push_back({{inside, inside}, fmt::format("{} + {}", kIp6Header, single ? "" : "(")});
  if (!single) edits.push_back({{index.range.end, index.range.end}, ")"});
}

// The relation, or the same of TCP behind a plain IPv6 header. Empty: there is no such spelling.
std::string with_ip6(const ast::Filter& filter, const ast::Node& node) {
  const auto& relation = std::get<ast::Relation>(node.value);
  const Transport* transport = transport_of(filter, relation);
  std::vector<Edit> edits;
  bool same = true;
  for_each_accessor(filter, relation, [&](const ast::Accessor& accessor) {
    same = same && transport_of(accessor) == transport;
    if (same) move_behind_ip6(filter, accessor, edits);
  });
  if (!same) return {};
  std::stable_sort(edits.begin(), edits.end(), [](const Edit& left, const Edit& right) {
    return left.range.begin < right.range.begin;
  });
  std::string moved;
  std::uint32_t at = node.range.begin;
  for (const Edit& edit : edits) {
    moved += filter.text({at, edit.range.begin});
    moved += edit.text;
    at = edit.range.end;
  }
  moved += filter.text({at, node.range.end});
  return fmt::format("({} or (ip6[6] = {} and {}))", filter.text(node.range), transport->number,
                     moved);
}

// One hint for all the relations.
std::string hint(const Tree& tree, const std::vector<ast::NodeIndex>& relations) {
  // A thousand relations need no hint.
  if (relations.size() > kMostOfAKind) return {};
  std::vector<std::string> texts;
  texts.reserve(relations.size());
  for (const ast::NodeIndex node : relations) {
    texts.push_back(with_ip6(tree.filter(), tree[node]));
    if (texts.back().empty()) return {};
  }
  std::vector<Piece> pieces;
  std::uint32_t at = 0;
  for (std::size_t i = 0; i < relations.size(); ++i) {
    const SourceRange range = tree[relations[i]].range;
    pieces.emplace_back(SourceRange{at, range.begin});
    pieces.emplace_back(std::string_view(texts[i]));
    at = range.end;
  }
  pieces.emplace_back(SourceRange{at, static_cast<std::uint32_t>(tree.filter().source.size())});
  return tree.compose(pieces);
}

}  // namespace

std::vector<Diagnostic> ipv4_only(const Tree& tree, const CompileOptions& options) {
  const ast::Filter& filter = tree.filter();
  std::vector<ast::NodeIndex> relations;
  std::optional<FamilyLimits> ip4;
  for (ast::NodeIndex node = 0; node < filter.nodes.size(); ++node) {
    const auto* relation = tree.get<ast::Relation>(node);
    if (relation == nullptr || transport_of(filter, *relation) == nullptr) continue;
    if (!ip4) ip4.emplace(tree, Family::kIp4);
    if (!ip4->limited(node)) relations.push_back(node);
  }
  if (relations.empty() || reads_ip6(filter) || !can_match("ip6", options)) return {};
  const ast::Node& first = tree[relations.front()];
  const Transport* transport = transport_of(filter, std::get<ast::Relation>(first.value));
  return {{DiagnosticCode::kWarnIpv4Only, first.range,
           fmt::format("'{}[...]' reads IPv4 packets only: it never matches IPv6", transport->name),
           hint(tree, relations)}};
}

}  // namespace bpfc::warning
