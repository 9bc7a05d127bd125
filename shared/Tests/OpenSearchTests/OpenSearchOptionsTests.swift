import HTTPClient
import Logging
import OpenSearch
import Settings
import Testing

@Suite struct OpenSearchOptionsTests {
    @Test(arguments: ["http://search:9200", "http://search:9200/", "http://search:9200//"])
    func slashesAtTheEndOfAnEndpointAreNotDoubled(url: String) {
        #expect(OpenSearchEndpoint(url).url("_bulk") == "http://search:9200/_bulk")
    }

    @Test func aPathBeforeThatOfOpenSearchIsKept() {
        #expect(OpenSearchEndpoint("https://proxy/search/").url("_bulk?x=1") == "https://proxy/search/_bulk?x=1")
    }

    @Test func requestsAreOfTheUserWhomTheSettingsName() throws {
        var settings = OpenSearchSettings()
        #expect(try HTTPClient.Options(settings, userAgent: "test/1").signer == nil)
        settings.username = "writer"
        settings.password = Secret("of the writer")
        var request = ClientRequest(.get, "http://search/")
        try HTTPClient.Options(settings, userAgent: "test/1").signer?.sign(&request)
        #expect(request.credentials?.username == "writer" && request.credentials?.password == "of the writer")
    }
}
