#include "compiler/link/atm.h"
#include "compiler/link/pflog.h"
#include "compiler/link/signalling.h"
#include "compiler/link/ss7.h"
#include "compiler/link/wlan.h"
#include "compiler/lowering.h"

namespace bpfc {
namespace {

// One primitive, or one connective over conditions that are there already.
class NodeLowering {
 public:
  NodeLowering(Lowering& lowering, const ast::Node& node,
               const std::vector<ConditionIndex>& conditions)
      : lowering_(lowering), node_(node), conditions_(conditions) {}

  ConditionIndex operator()(const ast::Identified& identified) const {
    return lower_identified(lowering_, identified);
  }
  ConditionIndex operator()(const ast::Abbreviation& abbreviation) const {
    return lower_abbreviation(lowering_, abbreviation.protocol, node_.range);
  }
  ConditionIndex operator()(const ast::Relation& relation) const {
    return lower_relation(lowering_, relation);
  }
  ConditionIndex operator()(const ast::Cast& cast) const {
    return lower_cast(lowering_, cast, node_.range);
  }
  ConditionIndex operator()(const ast::LengthLimit& limit) const {
    return lower_length_limit(lowering_, limit);
  }
  ConditionIndex operator()(const ast::ByteTest& test) const {
    return lower_byte_test(lowering_, test);
  }
  ConditionIndex operator()(const ast::PacketDirection& direction) const {
    return lower_direction(lowering_, direction, node_.range);
  }
  ConditionIndex operator()(const ast::InterfaceIndex& interface) const {
    return lower_interface_index(lowering_, interface, node_.range);
  }
  ConditionIndex operator()(const ast::Encapsulation& encapsulation) const {
    return lower_encapsulation(lowering_, encapsulation, node_.range);
  }
  ConditionIndex operator()(const ast::Llc& llc) const {
    return lower_llc(lowering_, llc, node_.range);
  }
  ConditionIndex operator()(const ast::Pflog& pflog) const {
    return lower_pflog(lowering_, pflog, node_.range);
  }
  ConditionIndex operator()(const ast::Wlan& wlan) const {
    return lower_wlan(lowering_, wlan, node_.range);
  }
  ConditionIndex operator()(const ast::Atm& atm) const {
    return lower_atm(lowering_, atm, node_.range);
  }
  ConditionIndex operator()(const ast::Ss7& ss7) const {
    return lower_ss7(lowering_, ss7, node_.range);
  }
  ConditionIndex operator()(const ast::Signalling& signalling) const {
    return lower_signalling(lowering_, signalling, node_.range);
  }

  ConditionIndex operator()(const ast::Not& negation) const {
    return lowering_.conditions.negate(conditions_[negation.operand]);
  }
  ConditionIndex operator()(const ast::Chain& chain) const {
    std::vector<ConditionLink> links;
    links.reserve(chain.count);
    for (std::uint32_t i = chain.first; i < chain.first + chain.count; ++i) {
      const ast::ChainLink& link = lowering_.filter.links[i];
      links.push_back({link.connective == ast::Connective::kAnd ? Join::kAnd : Join::kOr,
                       conditions_[link.operand]});
    }
    return lowering_.conditions.chain(links);
  }

 private:
  Lowering& lowering_;
  const ast::Node& node_;
  const std::vector<ConditionIndex>& conditions_;
};

}  // namespace

Expected<ir::Graph, Diagnostic> lower(const ast::Filter& filter, const CompileOptions& options,
                                      Relations relations) {
  ir::Graph graph;
  const ir::NodeIndex reject = graph.add_return(0);
  const ir::NodeIndex accept = graph.add_return(options.snaplen);
  if (!filter.root) {
    graph.root = accept;
    return graph;
  }
  try {
    Lowering lowering(filter, options, graph);
    lowering.relations = relations;
    std::vector<ConditionIndex> conditions;
    conditions.reserve(filter.nodes.size());
    for (const ast::Node& node : filter.nodes) {
      lowering.current = node.range;
      conditions.push_back(std::visit(NodeLowering(lowering, node, conditions), node.value));
    }
    const ConditionIndex root = lowering.with_prologue(conditions[*filter.root]);
    graph.root = build_graph(graph, lowering.conditions, root, accept, reject);
    return graph;
  } catch (const LoweringFailure& failure) {
    return Unexpected<Diagnostic>(failure.diagnostic);
  }
}

}  // namespace bpfc
