// Hints are compiled and warnings looked for in parts of a filter, and every name in it should be
// looked up once: an answer can take seconds.
#pragma once

#include <map>
#include <string>

#include "bpfc/name_resolver.h"

namespace bpfc {

// Asks another resolver, once for each name, failures too. For one compilation: unlike other
// resolvers it is not thread-safe. Keeps a reference.
class RememberedNames final : public NameResolver {
 public:
  explicit RememberedNames(const NameResolver& source) : source_(source) {}

  Expected<HostAddresses, NameError> host(std::string_view name) const override;
  Expected<EthernetAddress, NameError> ether(std::string_view name) const override;
  Expected<std::uint32_t, NameError> network(std::string_view name) const override;
  Expected<ServicePorts, NameError> port(std::string_view name) const override;
  Expected<std::uint32_t, NameError> protocol(std::string_view name) const override;

 private:
  template <typename Answer>
  using Answers = std::map<std::string, Expected<Answer, NameError>, std::less<>>;

  const NameResolver& source_;
  mutable Answers<HostAddresses> hosts_;
  mutable Answers<EthernetAddress> ethers_;
  mutable Answers<std::uint32_t> networks_;
  mutable Answers<ServicePorts> ports_;
  mutable Answers<std::uint32_t> protocols_;
};

}  // namespace bpfc
