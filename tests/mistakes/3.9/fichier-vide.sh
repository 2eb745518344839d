docker export bas >ma-base.tar
