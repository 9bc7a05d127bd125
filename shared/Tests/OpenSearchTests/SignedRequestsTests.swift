import HTTPClient
import Settings
import Testing

@testable import OpenSearch

@Suite struct SignedRequestsTests {
    @Test(arguments: [
        ("https://search-ids-abc.eu-central-1.es.amazonaws.com", "es", "eu-central-1"),
        ("https://VPC-ids-abc.us-gov-west-1.es.amazonaws.com:443/prefix", "es", "us-gov-west-1"),
        ("https://search-ids-abc.cn-north-1.es.amazonaws.com.cn", "es", "cn-north-1"),
        ("https://abc.eu-west-1.aoss.amazonaws.com", "aoss", "eu-west-1"),
        ("https://search-ids-abc.aos.us-east-1.on.aws", "es", "us-east-1"),
    ])
    func hostsOfAmazonTellServiceAndRegion(endpoint: String, service: String, region: String) {
        let host = AmazonOpenSearchHost(endpoint: endpoint)
        #expect(host?.service == service && host?.region == region)
    }

    @Test(arguments: [
        "https://search.example.com", "http://127.0.0.1:9200", "https://es.amazonaws.com",
        "https://eu-central-1.es.amazonaws.com",
        "https://example.com/search-a.eu-central-1.es.amazonaws.com", "https://a.aos.on.aws",
    ])
    func otherHostsTellNothing(endpoint: String) {
        #expect(AmazonOpenSearchHost(endpoint: endpoint) == nil)
    }

    /// The region of the signature that a request would get; nil when it would get none.
    private func signedRegion(_ change: (inout OpenSearchSettings) -> Void) throws -> Substring? {
        var settings = OpenSearchSettings()
        settings.endpoint = "https://search-ids-abc.eu-central-1.es.amazonaws.com"
        settings.auth = .sigv4
        let variables = ["AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "eu-west-3"]
        settings.aws.environment = { variables[$0] }
        change(&settings)
        let options = try HTTPClient.Options(settings, userAgent: "test/1")
        var request = ClientRequest(.get, settings.endpoint)
        try options.signer?.sign(&request)
        return request.head.fields["Authorization"]?.split(separator: "/").dropFirst(2).first
    }

    @Test func requestsAreSignedForTheRegionThatIsSaidFirst() throws {
        #expect(try signedRegion { $0.aws.region = "us-east-2" } == "us-east-2")
        #expect(try signedRegion { _ in } == "eu-central-1")
        #expect(try signedRegion { $0.endpoint = "https://search.example.com" } == "eu-west-3")
    }

    @Test func withoutARegionNothingCanBeSigned() {
        #expect {
            try signedRegion {
                $0.endpoint = "https://search.example.com"
                $0.aws.environment = { _ in nil }
            }
        } throws: { error in
            (error as? HTTPError)?.code == .badRequest && "\(error)".contains("neither aws.region")
        }
    }

    @Test func whoSignsForAWSIsNobodyElse() throws {
        #expect(try signedRegion { $0.auth = .none } == nil)
        #expect(try signedRegion { $0.auth = .basic } == nil)
    }
}
