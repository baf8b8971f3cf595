// All that a primitive needs besides its own words.
#pragma once

#include <cstdint>
#include <set>

#include "grammar/ast.h"
#include "tests/reference/evaluator.h"
#include "tests/reference/header_context.h"
#include "tests/reference/link_protocol.h"
#include "tests/reference/state.h"

namespace bpfc::reference {

// Knows no name at all.
class NoNames final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view) const override { return unknown(); }
  Expected<EthernetAddress, NameError> ether(std::string_view) const override { return unknown(); }
  Expected<std::uint32_t, NameError> network(std::string_view) const override { return unknown(); }
  Expected<ServicePorts, NameError> port(std::string_view) const override { return unknown(); }
  Expected<std::uint32_t, NameError> protocol(std::string_view) const override { return unknown(); }

 private:
  static Unexpected<NameError> unknown() {
    return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "there are no names"});
  }
};

struct Scope {
  const ast::Filter& filter;
  const Environment& environment;
  HeaderContext headers;
  std::set<int>* variables_read;  // by some primitive so far

  // A place that is going to be loaded from. What stands in a header of variable length is found
  // out at the start only if something reads it, so this must not be asked of what is only counted
  // from.
  Place read(Place place) const {
    if (place.variable != Place::kNone) {
      variables_read->insert(place.variable);
    }
    return place;
  }
  Place link_header() const { return read(headers.link_header); }
  Place type_field() const { return read(headers.type); }
  Place payload() const { return read(headers.payload); }
  Place network() const { return payload().plus(headers.network); }
  // Cisco HDLC has one byte of padding in front.
  Place iso() const {
    return payload().plus(headers.iso + (headers.link == Link::kCiscoHdlc ? 1 : 0));
  }

  Condition link_type(std::uint32_t type) const { return link_protocol(*this, type); }

  const NameResolver& resolver() const {
    static const NoNames kNobody;
    return environment.resolver != nullptr ? *environment.resolver : kNobody;
  }
};

inline constexpr std::uint32_t kByte = 1;
inline constexpr std::uint32_t kHalf = 2;
inline constexpr std::uint32_t kWord = 4;

}  // namespace bpfc::reference
