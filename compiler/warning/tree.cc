#include "compiler/warning/tree.h"

#include <algorithm>

namespace bpfc::warning {
namespace {

constexpr std::size_t kLongestHinted = 4096;

bool contains(SourceRange outer, SourceRange inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

}  // namespace

Tree::Tree(const ast::Filter& filter)
    : filter_(filter), parent_(filter.nodes.size(), kNone), position_(filter.nodes.size(), 0) {
  for (ast::NodeIndex i = 0; i < filter.nodes.size(); ++i) {
    if (const auto* negation = get<ast::Not>(i)) parent_[negation->operand] = i;
    if (get<ast::Chain>(i) == nullptr) continue;
    const auto operands = links(i);
    for (std::uint32_t k = 0; k < operands.size(); ++k) {
      parent_[operands[k].operand] = i;
      position_[operands[k].operand] = k;
    }
  }
}

std::span<const ast::ChainLink> Tree::links(ast::NodeIndex chain) const {
  const auto& value = std::get<ast::Chain>(filter_.nodes[chain].value);
  return std::span(filter_.links).subspan(value.first, value.count);
}

// Between two operands stand closing parentheses, the connective, and opening ones. A range has the
// parentheses around a chain and not those around anything else.
SourceRange Tree::operand(ast::NodeIndex chain, std::uint32_t position) const {
  const auto all = links(chain);
  const std::string_view source = filter_.source;
  SourceRange range = filter_.nodes[all[position].operand].range;
  const bool first = position == 0;
  const SourceRange neighbour = filter_.nodes[all[first ? 1 : position - 1].operand].range;
  const SourceRange gap =
      first ? SourceRange{range.end, neighbour.begin} : SourceRange{neighbour.end, range.begin};
  const std::string_view between = filter_.text(gap);
  const std::size_t word = between.find_first_of("ao&|");
  const std::string_view own = first ? between.substr(0, word) : between.substr(word);
  for (auto pairs = std::count(own.begin(), own.end(), first ? ')' : '('); pairs > 0; --pairs) {
    range.begin = static_cast<std::uint32_t>(source.rfind('(', range.begin - 1));
    range.end = static_cast<std::uint32_t>(source.find(')', range.end) + 1);
  }
  return range;
}

SourceRange Tree::operands(ast::NodeIndex chain, std::uint32_t first, std::uint32_t last) const {
  return cover(operand(chain, first), operand(chain, last));
}

bool Tree::all_links(ast::NodeIndex chain, std::uint32_t first, std::uint32_t last,
                     ast::Connective connective) const {
  const auto all = links(chain).subspan(first, last - first + 1);
  return std::all_of(all.begin(), all.end(),
                     [&](const ast::ChainLink& link) { return link.connective == connective; });
}

ast::NodeIndex Tree::first_node(ast::NodeIndex chain, std::uint32_t position) const {
  if (position > 0) return links(chain)[position - 1].operand + 1;
  // The leftmost leaf.
  ast::NodeIndex node = links(chain)[0].operand;
  for (;;) {
    if (const auto* negation = get<ast::Not>(node)) {
      node = negation->operand;
    } else if (get<ast::Chain>(node) != nullptr) {
      node = links(node)[0].operand;
    } else {
      return node;
    }
  }
}

std::string Tree::spelled(SourceRange range) const {
  std::string text;
  std::uint32_t at = range.begin;
  for (const ast::Node& node : filter_.nodes) {
    const auto* identified = std::get_if<ast::Identified>(&node.value);
    if (identified == nullptr || !contains(range, identified->text)) continue;
    if (contains(range, identified->qualifiers.range)) continue;
    text += filter_.text({at, identified->text.begin});
    text += filter_.text(identified->qualifiers.range);
    text += ' ';
    at = identified->text.begin;
  }
  text += filter_.text({at, range.end});
  return text;
}

std::string Tree::compose(std::span<const Piece> pieces) const {
  std::string text;
  if (filter_.source.size() > kLongestHinted) return text;
  for (const Piece& piece : pieces) {
    if (const auto* range = std::get_if<SourceRange>(&piece)) {
      text += spelled(*range);
    } else {
      text += std::get<std::string_view>(piece);
    }
  }
  return text;
}

std::string Tree::replace(SourceRange range, std::initializer_list<Piece> pieces) const {
  std::vector<Piece> all = {SourceRange{0, range.begin}};
  all.insert(all.end(), pieces);
  all.emplace_back(SourceRange{range.end, static_cast<std::uint32_t>(filter_.source.size())});
  return compose(all);
}

}  // namespace bpfc::warning
