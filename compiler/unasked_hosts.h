// Names for a text that nobody has typed yet: hosts, networks and Ethernet addresses are taken to
// be known, since asking for them can take seconds.
#pragma once

#include "bpfc/name_resolver.h"

namespace bpfc {

// Ports and protocols are asked for at the source, which keeps them in files; without a source
// nothing is known. Keeps a pointer. Thread-safe if the source is.
class UnaskedHosts final : public NameResolver {
 public:
  explicit UnaskedHosts(const NameResolver* source) : source_(source) {}

  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;

 private:
  const NameResolver* source_;
};

}  // namespace bpfc
