#include "indexer/search/peers.h"

#include <future>

namespace vigie::indexer::search {

Result<v1::LeafResponse> Peers::ask_and_wait(const std::string& peer,
                                             const v1::LeafRequest& question) {
  // shared with the callback
  const auto promise = std::make_shared<std::promise<Result<v1::LeafResponse>>>();
  auto response = promise->get_future();
  ask(peer, question,
      [promise](Result<v1::LeafResponse> result) { promise->set_value(std::move(result)); });
  return response.get();
}

}  // namespace vigie::indexer::search
