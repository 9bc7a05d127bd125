import OpenSearch
import Settings

/// The OpenSearch of the domain: how it is reached, and who has said where it is.
struct DomainStore {
    /// The section `opensearch` with the domain's endpoint, and signatures unless a user is set.
    let settings: OpenSearchSettings
    /// `FILE`, or the name of a key, for people.
    let origin: String
}

extension ProvisionerSettings {
    /// Where the endpoint file says, else where `opensearch.endpoint` does, if somebody has set it; nil when nothing says so.
    ///
    /// - Throws: ``EndpointFileError`` for a file that is there and does not say it.
    func store() throws(EndpointFileError) -> DomainStore? {
        do throws(EndpointFileError) {
            let file = try EndpointFile(contentsOf: domain.endpointFile)
            return DomainStore(
                settings: reaching(file.endpoint, region: file.region, isManaged: file.isManaged),
                origin: domain.endpointFile)
        } catch  where error.code == .missing {
            guard openSearch.$endpoint.origin.isSet else { return nil }
            return DomainStore(settings: reaching(openSearch.endpoint), origin: openSearch.$endpoint.name)
        }
    }

    /// The section `opensearch` for an endpoint. A domain of Amazon takes nobody without a signature, whatever `opensearch.auth`
    /// says for the shipper; only a user with a password is somebody else's store.
    func reaching(_ endpoint: String, region: String? = nil, isManaged: Bool = false) -> OpenSearchSettings {
        var store = openSearch
        (store.endpoint, store.isManaged) = (endpoint, isManaged)
        if store.username == nil { store.auth = .sigv4 }
        if store.aws.region == nil { store.aws.region = region }
        return store
    }
}
