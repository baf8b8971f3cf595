// The names that libpcap knows without asking a network.
#pragma once

#include "bpfc/name_resolver.h"

namespace bpfc::oracle {

// libpcap asks the system for names, so this does, for services and protocols; every host, network
// and Ethernet address is unknown. Not for several threads at once.
class SystemNames final : public NameResolver {
 public:
  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;
};

}  // namespace bpfc::oracle
