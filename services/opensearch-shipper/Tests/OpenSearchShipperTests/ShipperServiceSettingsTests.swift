import Configuration
import OpenSearchShipper
import Settings
import Testing

@Suite struct ShipperServiceSettingsTests {
    /// Both shippers of a machine read one file.
    @Test(arguments: [("opensearch", 9103, "opensearch_shipper.http_port"), ("sqlite", 9104, "sqlite.http_port")])
    func eachSinkHasItsPort(sink: String, port: Int, key: String) {
        let sources = ConfigurationSources(assignments: [.init("opensearch_shipper.sink", sink, option: "--sink")])
        let reader = ConfigurationReader(sources, sections: SettingsCatalog.sections)
        let setting = ShipperServiceSettings(from: reader).httpPort
        #expect((setting.wrappedValue, setting.name) == (port, key))
    }
}
