// Names for a hint, a text that nobody has typed yet.
#pragma once

#include <string_view>

#include "bpfc/name_resolver.h"

namespace bpfc {

// Whether hosts, networks and Ethernet addresses are known is not asked, since that can take
// seconds: taken to be known are those with a dot, and those that stand behind a qualifier in the
// text that the hint is for. Ports and protocols are asked for at the source, which keeps them in
// files; without a source nothing is known. Keeps a pointer and the text. Thread-safe if the source
// is.
class UnaskedHosts final : public NameResolver {
 public:
  UnaskedHosts(const NameResolver* source, std::string_view text) : source_(source), text_(text) {}

  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;

 private:
  bool is_likely(std::string_view name) const;

  const NameResolver* source_;
  std::string_view text_;
};

}  // namespace bpfc
