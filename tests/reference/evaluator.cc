#include "tests/reference/evaluator.h"

#include <set>
#include <utility>
#include <variant>
#include <vector>

#include "tests/reference/encapsulation.h"
#include "tests/reference/host.h"
#include "tests/reference/llc_link.h"
#include "tests/reference/packet_direction.h"
#include "tests/reference/pflog.h"
#include "tests/reference/port.h"
#include "tests/reference/protocol.h"
#include "tests/reference/relation.h"
#include "tests/reference/scope.h"
#include "tests/reference/signalling.h"
#include "tests/reference/variable_header.h"
#include "tests/reference/wlan.h"

namespace bpfc::reference {

namespace {

using ast::AddressType;
using ast::Direction;

// Makes the condition of each node in the order of the text, so that each encapsulation has moved
// the headers before the primitives to its right are read.
class Reader {
 public:
  Reader(const ast::Filter& filter, const Environment& environment)
      : scope_{filter, environment, outermost(environment.link_type), &variables_read_} {}

  Condition read() {
    if (scope_.environment.snaplen == 0) {
      throw Refused{"a snapshot length of 0 rejects every packet"};
    }
    if (!scope_.filter.root) {
      return always(true);
    }
    conditions_.reserve(scope_.filter.nodes.size());
    for (const ast::Node& node : scope_.filter.nodes) {
      conditions_.push_back(
          std::visit([this](const auto& value) { return condition(value); }, node.value));
    }
    return all_of({variable_headers(scope_.environment.link_type, variables_read_),
                   std::move(conditions_[*scope_.filter.root])});
  }

  std::size_t variables() const { return static_cast<std::size_t>(scope_.headers.variables); }

 private:
  Condition condition(const ast::Identified& identified) {
    switch (identified.qualifiers.type) {
      case AddressType::kDefault:
        if (identified.qualifiers.direction == Direction::kDefault) {
          throw Refused{"what the identifier is must be said"};
        }
        return host(scope_, identified);
      case AddressType::kHost:
        return host(scope_, identified);
      case AddressType::kNet:
        return net(scope_, identified);
      case AddressType::kPort:
      case AddressType::kPortRange:
        return port(scope_, identified);
      case AddressType::kProto:
        return proto(scope_, identified);
      case AddressType::kProtochain:
        return protochain(scope_, identified);
      case AddressType::kGateway:
        return gateway(scope_, identified);
    }
    throw Refused{"unknown qualifier"};
  }
  Condition condition(const ast::Abbreviation& protocol) {
    return abbreviation(scope_, protocol.protocol);
  }
  Condition condition(const ast::Relation& node) { return relation(scope_, node); }
  Condition condition(const ast::Cast& node) { return cast(scope_, node); }
  Condition condition(const ast::LengthLimit& length) {
    return [length](State& state) {
      return length.greater ? state.wire_length() >= length.limit
                            : state.wire_length() <= length.limit;
    };
  }
  Condition condition(const ast::ByteTest& test) { return byte_test(scope_, test); }
  Condition condition(const ast::PacketDirection& direction) {
    return packet_direction(scope_, direction.inbound);
  }
  Condition condition(const ast::InterfaceIndex& interface) {
    return interface_index(scope_, interface.index);
  }
  Condition condition(const ast::Encapsulation& node) { return encapsulation(scope_, node); }
  Condition condition(const ast::Llc& node) { return llc(scope_, node); }
  Condition condition(const ast::Pflog& node) { return pflog(scope_, node); }
  Condition condition(const ast::Wlan& node) { return wlan(scope_, node); }
  Condition condition(const ast::Atm& node) { return atm(scope_, node); }
  Condition condition(const ast::Ss7& node) { return ss7(scope_, node); }
  Condition condition(const ast::Signalling& node) { return signalling(scope_, node); }

  // Each operand stands under one parent only, so it can be moved there.
  Condition condition(const ast::Not& node) {
    return negation(std::move(conditions_[node.operand]));
  }
  Condition condition(const ast::Chain& chain) {
    struct Link {
      bool conjunction;
      Condition condition;
    };
    std::vector<Link> links;
    for (std::uint32_t i = chain.first; i < chain.first + chain.count; ++i) {
      const ast::ChainLink& link = scope_.filter.links[i];
      links.push_back(
          {link.connective == ast::Connective::kAnd, std::move(conditions_[link.operand])});
    }
    return [links = std::move(links)](State& state) {
      bool truth = links.front().condition(state);
      for (std::size_t i = 1; i < links.size(); ++i) {
        if (truth == links[i].conjunction) {
          truth = links[i].condition(state);
        }
      }
      return truth;
    };
  }

  std::set<int> variables_read_;
  Scope scope_;
  std::vector<Condition> conditions_;
};

}  // namespace

Expected<Evaluator, std::string> Evaluator::make(const ast::Filter& filter,
                                                 const Environment& environment) {
  try {
    Reader reader(filter, environment);
    Evaluator evaluator;
    evaluator.condition_ = std::make_shared<const Condition>(reader.read());
    evaluator.machine_ = environment.machine;
    evaluator.variables_ = reader.variables();
    return evaluator;
  } catch (const Refused& refused) {
    return Unexpected<std::string>(refused.reason);
  }
}

bool Evaluator::accepts(const PacketView& packet) const {
  State state(packet.captured, packet.wire_length, packet.ancillary, machine_, variables_);
  try {
    return (*condition_)(state);
  } catch (const Rejected&) {
    return false;
  }
}

Verdict evaluate(const ast::Filter& filter, const Environment& environment,
                 const PacketView& packet) {
  const auto evaluator = Evaluator::make(filter, environment);
  if (!evaluator) {
    return {Verdict::Kind::kUnsupported, evaluator.error()};
  }
  return {evaluator->accepts(packet) ? Verdict::Kind::kAccept : Verdict::Kind::kReject, {}};
}

}  // namespace bpfc::reference
