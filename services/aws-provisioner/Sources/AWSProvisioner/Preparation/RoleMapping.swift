import HTTPClient
import HTTPTypes
import JSON
import Settings

/// A role inside OpenSearch with no more rights than shipper and exporter need, and who has it: for principals that are not the
/// domain's master.
struct RoleMapping {
    /// Its name in OpenSearch.
    static let role = "ids-suite-shipper"

    /// The role or user of IAM that gets it.
    let arn: String
    let store: OpenSearchSettings

    /// Puts the role, and adds the principal to those who have it already.
    ///
    /// - Returns: what was done, for people.
    /// - Throws: `HTTPError`, ``StoreRefusal``.
    func carryOut(_ client: StoreClient) throws -> String {
        _ = try client.call("the role \(Self.role)", .put, "_plugins/_security/api/roles/\(Self.role)", rights) { _ in
            true
        }
        let path = "_plugins/_security/api/rolesmapping/\(Self.role)"
        let what = "the mapping of the role \(Self.role)"
        let names = try client.call(what, .get, path, isMissingAllowed: true) { answer in
            let mapping = answer.member(Self.role)
            return [mapping?["users"], mapping?["backend_roles"]].map { $0?.elements.compactMap(\.string) ?? [] }
        }
        var (users, roles) = (names[0], names[1])
        if users.contains(arn) || roles.contains(arn) { return "keep    role \(Self.role) for \(arn)" }
        // OpenSearch Service gives a role of IAM as a backend role, and a user of IAM as a user.
        if arn.contains(":role/") { roles.append(arn) } else { users.append(arn) }
        let mapping = JSONWriter.object { json in
            json.member("users", users)
            json.member("backend_roles", roles)
        }
        _ = try client.call(what, .put, path, mapping) { _ in true }
        return "map     role \(Self.role) to \(arn)"
    }

    /// Those of a shipper that sets up by itself, keeps the store from filling up, and of an exporter that asks how it is.
    private var rights: [UInt8] {
        JSONWriter.object { json in
            json.member("description", "What the shipper and the exporter of ids-suite need")
            json.member(
                "cluster_permissions",
                [
                    "indices:data/write/bulk", "cluster:monitor/health", "cluster:monitor/nodes/stats",
                    "cluster:admin/component_template/get", "cluster:admin/component_template/put",
                    "indices:admin/index_template/get", "indices:admin/index_template/put",
                    "indices:admin/index_template/simulate_index", "cluster:admin/opendistro/ism/policy/get",
                    "cluster:admin/opendistro/ism/policy/write",
                ])
            json.array("index_permissions") { json in
                json.object { json in
                    json.member("index_patterns", [store.indexPrefix, "\(store.indexPrefix)-*"])
                    json.member(
                        "allowed_actions",
                        [
                            "indices:data/write/bulk*", "indices:data/write/index", "indices:admin/create",
                            "indices:admin/mapping/put", "indices:admin/refresh*", "indices:data/read/search",
                            "indices:monitor/stats", "indices:monitor/settings/get", "indices:admin/settings/update",
                            "indices:admin/delete",
                        ])
                }
            }
        }
    }
}
