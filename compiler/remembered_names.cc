#include "compiler/remembered_names.h"

namespace bpfc {
namespace {

template <typename Answers, typename Ask>
typename Answers::mapped_type remember(Answers& answers, std::string_view name, Ask ask) {
  auto known = answers.find(name);
  if (known == answers.end()) known = answers.emplace(std::string(name), ask(name)).first;
  return known->second;
}

}  // namespace

Expected<HostAddresses, NameError> RememberedNames::host(std::string_view name) const {
  return remember(hosts_, name, [this](std::string_view text) { return source_.host(text); });
}

Expected<EthernetAddress, NameError> RememberedNames::ether(std::string_view name) const {
  return remember(ethers_, name, [this](std::string_view text) { return source_.ether(text); });
}

Expected<std::uint32_t, NameError> RememberedNames::network(std::string_view name) const {
  return remember(networks_, name, [this](std::string_view text) { return source_.network(text); });
}

Expected<ServicePorts, NameError> RememberedNames::port(std::string_view name) const {
  return remember(ports_, name, [this](std::string_view text) { return source_.port(text); });
}

Expected<std::uint32_t, NameError> RememberedNames::protocol(std::string_view name) const {
  return remember(protocols_, name,
                  [this](std::string_view text) { return source_.protocol(text); });
}

}  // namespace bpfc
