// An encapsulation moves the headers of all that stands to its right, but only what is tested where
// it has matched is inside of it:
//
//   vlan and tcp                      tcp is tested behind a tag: what is meant
//   vlan or tcp                       so it is here, in packets that have none
//   (vlan or ip) and tcp              likewise
//   tcp or (vlan and tcp)             the order that works
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "compiler/warning/warning.h"

namespace bpfc::warning {
namespace {

using ast::Connective;
using ast::NodeIndex;

// Encapsulations looked at: each means a walk over what stands to its right.
constexpr std::size_t kMostLookedAt = 64;

struct Header {
  ast::EncapsulationKind kind;
  std::string_view name;
  bool has_link_layer;  // so that Ethernet addresses move too
};
constexpr std::array kHeaders = {
    Header{ast::EncapsulationKind::kVlan, "a VLAN tag", false},
    Header{ast::EncapsulationKind::kMpls, "an MPLS label", false},
    Header{ast::EncapsulationKind::kPppoes, "a PPPoE header", true},
    Header{ast::EncapsulationKind::kGeneve, "a Geneve header", true},
    Header{ast::EncapsulationKind::kVxlan, "a VXLAN header", true},
};

// Null: it moves nothing.
const Header* header_of(const Tree& tree, NodeIndex node) {
  const auto* encapsulation = tree.get<ast::Encapsulation>(node);
  if (encapsulation == nullptr) return nullptr;
  const auto* row = std::find_if(kHeaders.begin(), kHeaders.end(), [&](const Header& header) {
    return header.kind == encapsulation->kind;
  });
  return row == kHeaders.end() ? nullptr : row;
}

// Whether a primitive reads headers that have moved.
class IsMoved {
 public:
  IsMoved(const ast::Filter& filter, bool link_layer) : filter_(filter), link_layer_(link_layer) {}

  bool operator()(const ast::Identified& identified) const {
    const auto& [protocol, direction, type, range] = identified.qualifiers;
    const bool address = type == ast::AddressType::kHost || type == ast::AddressType::kDefault;
    return link_layer_ || protocol != ast::Protocol::kLink || !address;
  }
  bool operator()(const ast::Abbreviation&) const { return true; }
  bool operator()(const ast::Relation& relation) const {
    bool moved = false;
    for_each_accessor(filter_, relation, [&](const ast::Accessor& accessor) {
      moved = moved || (accessor.protocol == ast::Protocol::kLink
                            ? link_layer_
                            : accessor.protocol != ast::Protocol::kRadio);
    });
    return moved;
  }
  bool operator()(const ast::Cast& cast) const {
    return link_layer_ || cast.protocol == ast::Protocol::kIp ||
           cast.protocol == ast::Protocol::kIp6;
  }
  bool operator()(const ast::ByteTest&) const { return link_layer_; }
  bool operator()(const ast::Encapsulation&) const { return true; }
  bool operator()(const ast::Llc&) const { return true; }
  // What reads no header, or one that no encapsulation can precede; and connectives.
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }

 private:
  const ast::Filter& filter_;
  bool link_layer_;
};

// Where the tree's value says that the encapsulation has matched.
struct Matched {
  bool where_true = true;
  bool where_false = false;
};

// The operand of a chain that is tested without the encapsulation.
struct Unguarded {
  NodeIndex chain;
  std::uint32_t encapsulation;  // the position of the operand that holds it
  std::uint32_t operand;
};

class Finder {
 public:
  Finder(const Tree& tree, const CompileOptions& options) : tree_(tree), options_(options) {}

  std::vector<Diagnostic> run() {
    std::size_t looked_at = 0;
    for (NodeIndex node = 0; node < tree_.filter().nodes.size(); ++node) {
      const Header* header = header_of(tree_, node);
      if (header == nullptr) continue;
      if (++looked_at > kMostLookedAt || found_.size() == kMostOfAKind) break;
      const auto unguarded = find(node, *header);
      if (!unguarded) continue;
      const SourceRange range = tree_[operand(*unguarded)].range;
      const bool known = std::any_of(found_.begin(), found_.end(),
                                     [&](const Diagnostic& other) { return other.range == range; });
      if (known) continue;
      found_.push_back(
          {DiagnosticCode::kWarnMovedHeaders, range,
           fmt::format("'{}' moves the headers of all to its right, so this is looked for behind "
                       "{}, also in packets that have none",
                       tree_.filter().text(tree_[node].range), header->name),
           hint(*unguarded, node)});
    }
    return std::move(found_);
  }

 private:
  NodeIndex operand(const Unguarded& unguarded) const {
    return tree_.links(unguarded.chain)[unguarded.operand].operand;
  }

  // The first operand to the right that is moved, and tested although the encapsulation may not
  // have matched.
  std::optional<Unguarded> find(NodeIndex encapsulation, const Header& header) const {
    const IsMoved is_moved(tree_.filter(), header.has_link_layer);
    Matched matched;
    for (NodeIndex node = encapsulation; tree_.parent(node) != kNone; node = tree_.parent(node)) {
      const NodeIndex parent = tree_.parent(node);
      if (tree_.get<ast::Not>(parent) != nullptr) {
        std::swap(matched.where_true, matched.where_false);
        continue;
      }
      const auto links = tree_.links(parent);
      const std::uint32_t position = tree_.position(node);
      if (position > 0) {
        // What stands before it may have decided the chain.
        (links[position].connective == Connective::kAnd ? matched.where_false
                                                        : matched.where_true) = false;
      }
      for (std::uint32_t k = position + 1; k < links.size(); ++k) {
        const bool is_and = links[k].connective == Connective::kAnd;
        const bool guarded = is_and ? matched.where_true : matched.where_false;
        if (!guarded && any_moved(parent, k, is_moved)) return Unguarded{parent, position, k};
        (is_and ? matched.where_false : matched.where_true) =
            matched.where_true && matched.where_false;
      }
    }
    return std::nullopt;
  }

  bool any_moved(NodeIndex chain, std::uint32_t position, const IsMoved& is_moved) const {
    const NodeIndex last = tree_.links(chain)[position].operand;
    for (NodeIndex node = tree_.first_node(chain, position); node <= last; ++node) {
      if (std::visit(is_moved, tree_[node].value)) return true;
    }
    return false;
  }

  bool any_header(NodeIndex chain, std::uint32_t first, std::uint32_t last) const {
    for (NodeIndex node = tree_.first_node(chain, first); node <= tree_.links(chain)[last].operand;
         ++node) {
      if (header_of(tree_, node) != nullptr) return true;
    }
    return false;
  }

  std::string hint(const Unguarded& unguarded, NodeIndex encapsulation) const {
    const auto& [chain, position, moved] = unguarded;
    const auto links = tree_.links(chain);
    const auto last = static_cast<std::uint32_t>(links.size() - 1);
    const SourceRange all = tree_.operands(chain, 0, last);
    const SourceRange before = tree_.operands(chain, 0, moved - 1);
    const SourceRange rest = tree_.operands(chain, moved, last);
    const bool direct = links[position].operand == encapsulation;

    // What is not inside comes first: `vlan 100 or tcp`.
    if (tree_.all_links(chain, moved, last, Connective::kOr) && !any_header(chain, moved, last)) {
      const bool plain = moved == 1 || tree_.all_links(chain, 1, moved - 1, Connective::kOr);
      if (plain) return tree_.replace(all, {rest, " or ", before});
      return tree_.replace(all, {rest, " or (", before, ")"});
    }
    // `not vlan and tcp`.
    const auto* negation = tree_.get<ast::Not>(links[0].operand);
    if (negation != nullptr && negation->operand == encapsulation && moved == 1 &&
        tree_.all_links(chain, 1, last, Connective::kAnd) && !any_header(chain, moved, last)) {
      return tree_.replace(all, {rest, " and ", before});
    }
    // `and` binds no tighter than `or`: `tcp or vlan and tcp`.
    if (direct && position > 0 && moved == position + 1 &&
        links[position].connective == Connective::kOr &&
        tree_.all_links(chain, moved, last, Connective::kAnd)) {
      return tree_.replace(all, {tree_.operands(chain, 0, position - 1), " or (",
                                 tree_.operands(chain, position, last), ")"});
    }
    return alternative_tags(chain, all, encapsulation);
  }

  // `vlan 1 or vlan 2`: the second is a tag inside the first. The identifier as a field of
  // Ethernet.
  std::string alternative_tags(NodeIndex chain, SourceRange all, NodeIndex first) const {
    constexpr std::uint16_t kEthernet = 1;
    const auto links = tree_.links(chain);
    const bool applies =
        options_.link_type->number == kEthernet && options_.target != Target::kLiveLinux &&
        links[0].operand == first && first == 0 &&
        tree_.all_links(chain, 1, static_cast<std::uint32_t>(links.size() - 1), Connective::kOr);
    if (!applies) return {};
    std::string text = "vlan and (";
    for (const ast::ChainLink& link : links) {
      const auto* tag = tree_.get<ast::Encapsulation>(link.operand);
      if (tag == nullptr || tag->kind != ast::EncapsulationKind::kVlan || !tag->identifier) {
        return {};
      }
      text += fmt::format("{}ether[14:2] & 0xfff = {}", link.operand == first ? "" : " or ",
                          *tag->identifier);
    }
    text += ")";
    return tree_.replace(all, {std::string_view(text)});
  }

  const Tree& tree_;
  const CompileOptions& options_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> moved_headers(const Tree& tree, const CompileOptions& options) {
  return Finder(tree, options).run();
}

}  // namespace bpfc::warning
