#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <system_error>
#include <utility>
#include <variant>

#include "bpfc/name_resolver.h"
#include "compiler/ethers_file.h"
#include "compiler/timed_call.h"

namespace bpfc {
namespace {

using Failure = Unexpected<NameError>;
using Kind = NameError::Kind;

Failure unknown(std::string message) {
  return Failure(NameError{Kind::kUnknown, std::move(message)});
}
Failure failed(std::string message) {
  return Failure(NameError{Kind::kFailed, std::move(message)});
}

// The C library's functions would see the part before the first NUL only.
bool is_name(std::string_view name) {
  return !name.empty() && name.find('\0') == std::string_view::npos;
}

// Calls lookup(name) in time, on a copy of the name.
template <typename Lookup>
std::invoke_result_t<Lookup, const std::string&> ask(const SystemNameResolverOptions& options,
                                                     std::string_view name, Lookup lookup) {
  if (!is_name(name)) return unknown("not a name");
  auto answer = compiler::timed_call(options.timeout,
                                     [copy = std::string(name), lookup] { return lookup(copy); });
  if (const auto* failure = std::get_if<compiler::CallFailure>(&answer)) {
    if (*failure == compiler::CallFailure::kNotCalled) {
      return failed("no thread or memory to ask the system for names");
    }
    return Failure(NameError{Kind::kTimedOut, "the system's name service did not answer in time"});
  }
  return std::get<0>(std::move(answer));
}

// Of the error numbers that come with no entry, those that do not mean that there is none: "no such
// file" does, for one. ECONNREFUSED is also what glibc says of a name server that no network leads
// to.
constexpr int kFailures[] = {EAGAIN, EMFILE,       ENFILE,    ENOMEM,      EINTR,
                             EIO,    ECONNREFUSED, ETIMEDOUT, ENETUNREACH, EHOSTUNREACH};

// A field of the entry that one of the get...by..._r() functions finds; nothing if the name is
// unknown, for which some of them have an error number.
// call(Entry*, buffer, size, Entry** found) returns an error number.
template <typename Entry, typename Field, typename Call>
Expected<std::optional<Field>, NameError> find_field(Field Entry::*field, Call call) {
  constexpr std::size_t kFirstSize = 1024;
  constexpr std::size_t kLastSize = 1U << 20;  // more aliases than any real entry has
  for (std::size_t size = kFirstSize; size <= kLastSize; size *= 4) {
    std::vector<char> strings(size);
    Entry entry = {};
    Entry* found = nullptr;
    const int error = call(&entry, strings.data(), strings.size(), &found);
    if (error == ERANGE) continue;
    if (found != nullptr) return found->*field;
    if (std::ranges::find(kFailures, error) != std::end(kFailures)) {
      return failed(std::generic_category().message(error));
    }
    return std::optional<Field>();
  }
  return failed("the entry is too long");
}

// find_field(), where a name must have a value.
template <typename Entry, typename Field, typename Call>
Expected<std::uint32_t, NameError> find_number(Field Entry::*field, Call call) {
  auto number = find_field(field, call);
  if (!number) return Failure(std::move(number.error()));
  if (!*number) return unknown("no such name");
  return static_cast<std::uint32_t>(**number);
}

Expected<HostAddresses, NameError> find_host(const std::string& name) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;  // one entry for each address, not one for each socket type
  hints.ai_protocol = IPPROTO_TCP;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (error == EAI_NONAME || error == EAI_NODATA || error == EAI_ADDRFAMILY) {
    return unknown(gai_strerror(error));
  }
  if (error == EAI_SYSTEM) return failed(std::generic_category().message(errno));
  if (error != 0) return failed(gai_strerror(error));

  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  NameTable table;
  HostAddresses& addresses = table.hosts[name];
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      sockaddr_in address = {};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      addresses.ipv4.push_back(ntohl(address.sin_addr.s_addr));
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 address = {};
      std::memcpy(&address, entry->ai_addr, sizeof address);
      std::memcpy(addresses.ipv6.emplace_back().data(), &address.sin6_addr, 16);
    }
  }
  return TableNameResolver(std::move(table)).host(name);  // in order, each once
}

Expected<EthernetAddress, NameError> find_ether(const std::string& path, const std::string& name) {
  std::ifstream file(path);
  if (!file) return unknown("there is no " + path + " to be read");
  const auto address = compiler::find_ether(file, name);
  if (!address) return unknown("not in " + path);
  return *address;
}

Expected<std::uint32_t, NameError> find_network(const std::string& name) {
  return find_number(
      &netent::n_net, [&](netent* entry, char* strings, std::size_t size, netent** found) {
        int host_error = 0;
        return getnetbyname_r(name.c_str(), entry, strings, size, found, &host_error);
      });
}

Expected<std::uint32_t, NameError> find_protocol(const std::string& name) {
  return find_number(&protoent::p_proto,
                     [&](protoent* entry, char* strings, std::size_t size, protoent** found) {
                       return getprotobyname_r(name.c_str(), entry, strings, size, found);
                     });
}

Expected<ServicePorts, NameError> find_service(const std::string& name) {
  struct Row {
    const char* transport;
    std::optional<std::uint16_t> ServicePorts::*port;
  };
  ServicePorts ports;
  for (const auto& [transport, port] :
       {Row{"tcp", &ServicePorts::tcp}, Row{"udp", &ServicePorts::udp},
        Row{"sctp", &ServicePorts::sctp}}) {
    auto number =
        find_field(&servent::s_port, [&, transport = transport](servent* entry, char* strings,
                                                                std::size_t size, servent** found) {
          return getservbyname_r(name.c_str(), transport, entry, strings, size, found);
        });
    if (!number) return Failure(std::move(number.error()));
    if (*number) ports.*port = ntohs(static_cast<std::uint16_t>(**number));
  }
  if (ports == ServicePorts{}) return unknown("no such service");
  return ports;
}

}  // namespace

SystemNameResolver::SystemNameResolver(SystemNameResolverOptions options)
    : options_(std::move(options)) {}

Expected<HostAddresses, NameError> SystemNameResolver::host(std::string_view name) const {
  return ask(options_, name, find_host);
}

Expected<EthernetAddress, NameError> SystemNameResolver::ether(std::string_view name) const {
  return ask(options_, name, [path = options_.ethers_file](const std::string& copy) {
    return find_ether(path, copy);
  });
}

Expected<std::uint32_t, NameError> SystemNameResolver::network(std::string_view name) const {
  return ask(options_, name, find_network);
}

Expected<ServicePorts, NameError> SystemNameResolver::port(std::string_view name) const {
  return ask(options_, name, find_service);
}

Expected<std::uint32_t, NameError> SystemNameResolver::protocol(std::string_view name) const {
  return ask(options_, name, find_protocol);
}

}  // namespace bpfc
