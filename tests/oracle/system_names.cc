#include "tests/oracle/system_names.h"

#include <arpa/inet.h>
#include <netdb.h>

#include <string>

namespace bpfc::oracle {

namespace {

Unexpected<NameError> unknown() {
  return Unexpected<NameError>(NameError{NameError::Kind::kUnknown, "not in this test"});
}

std::optional<std::uint16_t> service(std::string_view name, const char* protocol) {
  const servent* entry = getservbyname(std::string(name).c_str(), protocol);
  return entry == nullptr ? std::nullopt
                          : std::optional(ntohs(static_cast<std::uint16_t>(entry->s_port)));
}

}  // namespace

Expected<HostAddresses, NameError> SystemNames::host(std::string_view) const { return unknown(); }

Expected<EthernetAddress, NameError> SystemNames::ether(std::string_view) const {
  return unknown();
}

Expected<std::uint32_t, NameError> SystemNames::network(std::string_view) const {
  return unknown();
}

Expected<ServicePorts, NameError> SystemNames::port(std::string_view name) const {
  const ServicePorts ports{service(name, "tcp"), service(name, "udp"), std::nullopt};
  if (!ports.tcp && !ports.udp) {
    return unknown();
  }
  return ports;
}

Expected<std::uint32_t, NameError> SystemNames::protocol(std::string_view name) const {
  const protoent* entry = getprotobyname(std::string(name).c_str());
  if (entry == nullptr) {
    return unknown();
  }
  return static_cast<std::uint32_t>(entry->p_proto);
}

}  // namespace bpfc::oracle
