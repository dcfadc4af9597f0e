//! The types of volumes whose fields are shown just as they are, as data (kubectl: pkg/describe/describe.go
//! `print…VolumeSource`).

/// How a field is shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Show {
    /// As it is, or this where it is not set.
    Or(&'static str),
    /// A list, as Go prints it.
    List,
    /// A list, with commas.
    Joined,
    /// A map, as Go prints it.
    Map,
    /// A reference to an object, as Go prints the struct of this name.
    Reference(&'static str),
}

use Show::{Joined, List, Map, Or, Reference};

/// A type of volume: the field that has it, how it is called, and its fields: title, path, way to show.
pub(super) type Type = (&'static str, &'static str, &'static [(&'static str, &'static str, Show)]);

const LOCAL: Show = Reference("LocalObjectReference");
const SECRET: Show = Reference("SecretReference");
const NONE: Show = Or("<none>");
const EMPTY: Show = Or("");
const FALSE: Show = Or("false");
const ZERO: Show = Or("0");

const AZURE_DISK: &str = "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)";
const AZURE_FILE: &str = "AzureFile (an Azure File Service mount on the host and bind mount to the pod)";
const CEPH_FS: &str = "CephFS (a CephFS mount on the host that shares a pod's lifetime)";
const CINDER: &str = "Cinder (a Persistent Disk resource in OpenStack)";
const CSI: &str = "CSI (a Container Storage Interface (CSI) volume source)";
const FLEX: &str = "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)";
const GLUSTER_FS: &str = "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)";
const ISCSI: &str =
    "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)";
const RBD: &str = "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)";
const SCALE_IO: &str = "ScaleIO (a persistent volume backed by a block device in ScaleIO)";
const STORAGE_OS: &str = "StorageOS (a StorageOS Persistent Disk resource)";

/// Those that pods and PersistentVolumes have in the same way.
pub(super) const SHARED: &[Type] = &[
    ("hostPath", "HostPath (bare host directory volume)", &[("Path:", "path", EMPTY), ("HostPathType:", "type", NONE)]),
    (
        "gcePersistentDisk",
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        &[
            ("PDName:", "pdName", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("Partition:", "partition", ZERO),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    (
        "awsElasticBlockStore",
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        &[
            ("VolumeID:", "volumeID", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("Partition:", "partition", ZERO),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    (
        "nfs",
        "NFS (an NFS mount that lasts the lifetime of a pod)",
        &[("Server:", "server", EMPTY), ("Path:", "path", EMPTY), ("ReadOnly:", "readOnly", FALSE)],
    ),
    (
        "quobyte",
        "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
        &[("Registry:", "registry", EMPTY), ("Volume:", "volume", EMPTY), ("ReadOnly:", "readOnly", FALSE)],
    ),
    (
        "vsphereVolume",
        "vSphereVolume (a Persistent Disk resource in vSphere)",
        &[
            ("VolumePath:", "volumePath", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("StoragePolicyName:", "storagePolicyName", EMPTY),
        ],
    ),
    (
        "azureDisk",
        AZURE_DISK,
        &[
            ("DiskName:", "diskName", EMPTY),
            ("DiskURI:", "diskURI", EMPTY),
            ("Kind: ", "kind", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("CachingMode:", "cachingMode", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    (
        "photonPersistentDisk",
        "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        &[("PdID:", "pdID", EMPTY), ("FSType:", "fsType", EMPTY)],
    ),
    ("portworxVolume", "PortworxVolume (a Portworx Volume resource)", &[("VolumeID:", "volumeID", EMPTY)]),
    (
        "fc",
        "FC (a Fibre Channel disk)",
        &[
            ("TargetWWNs:", "targetWWNs", Joined),
            ("LUN:", "lun", NONE),
            ("FSType:", "fsType", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    (
        "flocker",
        "Flocker (a Flocker volume mounted by the Flocker agent)",
        &[("DatasetName:", "datasetName", EMPTY), ("DatasetUUID:", "datasetUUID", EMPTY)],
    ),
];

/// Those of pods.
pub(super) const OF_PODS: &[Type] = &[
    (
        "secret",
        "Secret (a volume populated by a Secret)",
        &[("SecretName:", "secretName", EMPTY), ("Optional:", "optional", FALSE)],
    ),
    (
        "configMap",
        "ConfigMap (a volume populated by a ConfigMap)",
        &[("Name:", "name", EMPTY), ("Optional:", "optional", FALSE)],
    ),
    (
        "persistentVolumeClaim",
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        &[("ClaimName:", "claimName", EMPTY), ("ReadOnly:", "readOnly", FALSE)],
    ),
    ("csi", CSI, &[("Driver:", "driver", EMPTY), ("FSType:", "fsType", EMPTY), ("ReadOnly:", "readOnly", FALSE)]),
    (
        "image",
        "Image (a container image or OCI artifact)",
        &[("Reference:", "reference", EMPTY), ("PullPolicy:", "pullPolicy", EMPTY)],
    ),
    (
        "gitRepo",
        "GitRepo (a volume that is pulled from git when the pod is created)",
        &[("Repository:", "repository", EMPTY), ("Revision:", "revision", EMPTY)],
    ),
    ("iscsi", ISCSI, &iscsi(LOCAL)),
    (
        "glusterfs",
        GLUSTER_FS,
        &[("EndpointsName:", "endpoints", EMPTY), ("Path:", "path", EMPTY), ("ReadOnly:", "readOnly", FALSE)],
    ),
    ("rbd", RBD, &rbd(LOCAL)),
    ("cinder", CINDER, &cinder(LOCAL)),
    (
        "scaleIO",
        SCALE_IO,
        &[
            ("Gateway:", "gateway", EMPTY),
            ("System:", "system", EMPTY),
            ("Protection Domain:", "protectionDomain", EMPTY),
            ("Storage Pool:", "storagePool", EMPTY),
            ("Storage Mode:", "storageMode", EMPTY),
            ("VolumeName:", "volumeName", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    ("cephfs", CEPH_FS, &ceph_fs(LOCAL)),
    ("storageos", STORAGE_OS, &storage_os()),
    (
        "azureFile",
        AZURE_FILE,
        &[("SecretName:", "secretName", EMPTY), ("ShareName:", "shareName", EMPTY), ("ReadOnly:", "readOnly", FALSE)],
    ),
    ("flexVolume", FLEX, &flex(LOCAL)),
];

/// Those of PersistentVolumes.
pub(super) const OF_PERSISTENT: &[Type] = &[
    ("local", "LocalVolume (a persistent volume backed by local storage on a node)", &[("Path:", "path", EMPTY)]),
    (
        "csi",
        CSI,
        &[
            ("Driver:", "driver", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("VolumeHandle:", "volumeHandle", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    ("iscsi", ISCSI, &iscsi(SECRET)),
    (
        "glusterfs",
        GLUSTER_FS,
        &[
            ("EndpointsName:", "endpoints", EMPTY),
            ("EndpointsNamespace:", "endpointsNamespace", Or("<unset>")),
            ("Path:", "path", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    ("rbd", RBD, &rbd(SECRET)),
    ("cinder", CINDER, &cinder(SECRET)),
    (
        "scaleIO",
        SCALE_IO,
        &[
            ("Gateway:", "gateway", EMPTY),
            ("System:", "system", EMPTY),
            ("Protection Domain:", "protectionDomain", EMPTY),
            ("Storage Pool:", "storagePool", EMPTY),
            ("Storage Mode:", "storageMode", EMPTY),
            ("VolumeName:", "volumeName", EMPTY),
            ("SecretName:", "secretRef.name", EMPTY),
            ("SecretNamespace:", "secretRef.namespace", EMPTY),
            ("FSType:", "fsType", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    ("cephfs", CEPH_FS, &ceph_fs(SECRET)),
    ("storageos", STORAGE_OS, &storage_os()),
    (
        "azureFile",
        AZURE_FILE,
        &[
            ("SecretName:", "secretName", EMPTY),
            ("SecretNamespace:", "secretNamespace", EMPTY),
            ("ShareName:", "shareName", EMPTY),
            ("ReadOnly:", "readOnly", FALSE),
        ],
    ),
    ("flexVolume", FLEX, &flex(SECRET)),
];

type Field = (&'static str, &'static str, Show);

const fn iscsi(secret: Show) -> [Field; 11] {
    [
        ("TargetPortal:", "targetPortal", EMPTY),
        ("IQN:", "iqn", EMPTY),
        ("Lun:", "lun", ZERO),
        // Upstream forgets the colon.
        ("ISCSIInterface", "iscsiInterface", EMPTY),
        ("FSType:", "fsType", EMPTY),
        ("ReadOnly:", "readOnly", FALSE),
        ("Portals:", "portals", List),
        ("DiscoveryCHAPAuth:", "chapAuthDiscovery", FALSE),
        ("SessionCHAPAuth:", "chapAuthSession", FALSE),
        ("SecretRef:", "secretRef", secret),
        ("InitiatorName:", "initiatorName", NONE),
    ]
}

const fn rbd(secret: Show) -> [Field; 8] {
    [
        ("CephMonitors:", "monitors", List),
        ("RBDImage:", "image", EMPTY),
        ("FSType:", "fsType", EMPTY),
        ("RBDPool:", "pool", EMPTY),
        ("RadosUser:", "user", EMPTY),
        ("Keyring:", "keyring", EMPTY),
        ("SecretRef:", "secretRef", secret),
        ("ReadOnly:", "readOnly", FALSE),
    ]
}

const fn cinder(secret: Show) -> [Field; 4] {
    [
        ("VolumeID:", "volumeID", EMPTY),
        ("FSType:", "fsType", EMPTY),
        ("ReadOnly:", "readOnly", FALSE),
        ("SecretRef:", "secretRef", secret),
    ]
}

const fn ceph_fs(secret: Show) -> [Field; 6] {
    [
        ("Monitors:", "monitors", List),
        ("Path:", "path", EMPTY),
        ("User:", "user", EMPTY),
        ("SecretFile:", "secretFile", EMPTY),
        ("SecretRef:", "secretRef", secret),
        ("ReadOnly:", "readOnly", FALSE),
    ]
}

const fn storage_os() -> [Field; 4] {
    [
        ("VolumeName:", "volumeName", EMPTY),
        ("VolumeNamespace:", "volumeNamespace", EMPTY),
        ("FSType:", "fsType", EMPTY),
        ("ReadOnly:", "readOnly", FALSE),
    ]
}

const fn flex(secret: Show) -> [Field; 5] {
    [
        ("Driver:", "driver", EMPTY),
        ("FSType:", "fsType", EMPTY),
        ("SecretRef:", "secretRef", secret),
        ("ReadOnly:", "readOnly", FALSE),
        ("Options:", "options", Map),
    ]
}
